import { bucketOfToken } from './config/filebase-tokens.ts'
import type { Config, KnownDelegate } from './config/types.ts'
import { delegatesIn } from './delegates/known.ts'
import { unparsedDelegates } from './delegates/problems.ts'
import { type Comparison, compare } from './domain/compare.ts'
import type { SeenDelegate } from './domain/delegate.ts'
import type { Problem } from './domain/problem.ts'
import { inSlices } from './in-slices.ts'
import type { BothSides } from './sides/list-both-sides.ts'
import { emptyNode, largeDrops, leftOutBuckets } from './sides/problems.ts'
import { nodePinsBefore, type Trust, trustOf } from './sides/trust.ts'
import type { Snapshot } from './snapshot/snapshot.ts'
import type { Work } from './work.ts'

/** What a run found before it changes anything. */
export interface Findings {
  readonly sides: BothSides
  readonly comparison: Comparison
  readonly trust: Trust
  readonly seen: readonly SeenDelegate[]
  readonly known: readonly KnownDelegate[]
}

export interface Studied extends Findings {
  readonly problems: readonly Problem[]
  /** What is not believed before a later run or a person confirms it. Each of these is among the problems, too. */
  readonly doubts: readonly Problem[]
}

/**
 * Holds both sides against each other: what is on which, what of it may be trusted, and what is wrong.
 * @throws the cancel's reason, where the run was cancelled and this takes too long
 */
export async function study({ config, snapshot, book, log, time }: Work, sides: BothSides): Promise<Studied> {
  const { buckets } = sides
  const comparison = await inSlices(
    compare(
      sides.pins,
      buckets.map(({ requests }) => requests.listed()),
      config.ignore,
    ),
    time.lastLook(),
  )
  const trust = trustOf(config, snapshot, sides)
  const { seen, known } = delegatesIn({ config, snapshot, book, log }, sides)
  const doubts = [
    ...largeDrops(buckets, config.direction),
    ...(trust.nodeEmptySince === null
      ? []
      : [emptyNode(nodePinsBefore(snapshot).pins, trust.nodeEmptySince, sides.pins.nobodys > 0)]),
  ]
  const problems = [
    ...doubts,
    ...unparsedDelegates(seen),
    ...leftOutBuckets(leftOut(config, snapshot), config.direction),
  ]
  return { sides, comparison, trust, seen, known, problems, doubts }
}

/** The buckets that earlier runs listed and this one does not, but for those that somebody left out on purpose. */
function leftOut(
  { buckets, dryRun, ignoredBuckets }: Pick<Config, 'buckets' | 'dryRun' | 'ignoredBuckets'>,
  snapshot: Snapshot,
): string[] {
  const named = buckets.map(({ name, token }) => ({ name, ofToken: bucketOfToken(token) }))
  snapshot.rememberNames(named, dryRun)
  return snapshot.bucketsNotAmong(named).filter((name) => !ignoredBuckets.includes(name))
}
