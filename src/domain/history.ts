export const conclusions = ['error', 'cancelled', 'out-of-time', 'failed-pins', 'ok'] as const

/** How a run ended. */
export type Conclusion = (typeof conclusions)[number]

/** A run that is over, in a few figures; `null` for what it did not come to know. */
export interface PastRun {
  /** ms since the epoch */
  readonly startedAt: number
  readonly conclusion: Conclusion
  /** It found what is not believed before a later run, or a person, confirms it. */
  readonly doubted: boolean
  /** Distinct CIDs that the service has pinned, but for those that are ignored. */
  readonly cids: number | null
  /** How many of them the node has. */
  readonly onNode: number | null
  /** How many one side lacked of the other when it began, in its directions together; and how many of them failed. */
  readonly missing: number | null
  readonly failed: number | null
}

/** What the runs up to one have in common; ms since the epoch. */
export interface Streaks {
  /** Since when all is well; `null` while it is not. */
  readonly inStepSince: number | null
  /** Since when runs end in an error, and how many have; `null` where the last did not. */
  readonly failing: { readonly since: number; readonly runs: number } | null
}

export const noStreaks: Streaks = { inStepSince: null, failing: null }

/** A run that was cancelled tells nothing of how things stand. */
export function streaksAfter(
  before: Streaks,
  { startedAt, conclusion, doubted }: Pick<PastRun, 'startedAt' | 'conclusion' | 'doubted'>,
): Streaks {
  switch (conclusion) {
    case 'cancelled':
      return before
    case 'error': {
      const { since, runs } = before.failing ?? { since: startedAt, runs: 0 }
      return { inStepSince: null, failing: { since, runs: runs + 1 } }
    }
    case 'ok':
      if (doubted) return noStreaks
      return { inStepSince: before.inStepSince ?? startedAt, failing: null }
    default:
      return noStreaks
  }
}
