import type { CidKey } from '../domain/cid.ts'
import type { Comparison } from '../domain/compare.ts'
import { nameMatcher } from '../domain/name-globs.ts'
import type { Departure, LedgerDirection, LedgerEntry } from '../snapshot/ledger.ts'
import type { Work } from '../work.ts'
import type { Trust } from './trust.ts'

const directions = ['backup', 'update', 'verify'] as const

/**
 * Which entries the ledger no longer needs, by what this run found: CIDs that are pinned where they had failed, that
 * are ignored or not wanted any more, and that are gone from the side they came from.
 */
export function settledFailures(
  { ledger, config }: Pick<Work, 'ledger' | 'config'>,
  { comparison, trust }: { readonly comparison: Comparison; readonly trust: Trust },
): {
  readonly forget: () => void
  /** Whether the ledger has others, of the directions of this run. */
  readonly areOthersLeft: () => boolean
} {
  const areNamesListed = config.direction !== 'backup'
  const isNameWanted = nameMatcher(config.onlyNames)
  const accounted = new Set([...config.buckets.map(({ name }) => name), ...config.ignoredBuckets])
  const whyOf: Record<LedgerDirection, (key: CidKey, entry: LedgerEntry) => Departure['why'] | undefined> = {
    backup: (key, { bucket }) => {
      if (comparison.isOnNode(key)) return 'done'
      if (config.ignore.has(key)) return 'ignored'
      // Nothing is proved of a bucket that the input does not name any more, unless that is meant.
      return trust.isProved && accounted.has(bucket) && !comparison.isListed(key) ? 'gone' : undefined
    },
    update: (key) => {
      if (comparison.isPinnedAtService(key)) return 'done'
      if (config.ignore.has(key)) return 'ignored'
      if (!comparison.isOnNode(key)) return trust.isWhole ? 'gone' : undefined
      return areNamesListed && !isNameWanted(comparison.nameOnNode(key)) ? 'unwanted' : undefined
    },
    // What is broken stays so until it was read whole; only pins of the buckets are.
    verify: (key) => {
      if (config.ignore.has(key)) return 'ignored'
      const isGone = !comparison.isOnNode(key) || (trust.isProved && !comparison.isPinnedAtService(key))
      return isGone ? 'gone' : undefined
    },
  }
  const settledOf = (direction: LedgerDirection) =>
    ledger
      .entries(direction)
      .flatMap(([key, entry]) => {
        const why = whyOf[direction](key, entry)
        return why === undefined ? [] : [{ key, why }]
      })
      .toArray()
  const settled = {
    backup: settledOf('backup'),
    update: settledOf('update'),
    verify: settledOf('verify'),
  }
  return {
    forget: () => {
      for (const direction of directions)
        for (const [why, all] of Map.groupBy(settled[direction], ({ why }) => why))
          ledger.forget(
            direction,
            all.map(({ key }) => key),
            why,
          )
    },
    areOthersLeft: () =>
      directions.some((direction) => {
        const wanted = direction === 'verify' ? 'backup' : direction
        if (config.direction !== wanted && config.direction !== 'both') return false
        const isKnownSettled = new Set(settled[direction].map(({ key }) => key))
        return ledger.entries(direction).some(([key]) => !isKnownSettled.has(key))
      }),
  }
}
