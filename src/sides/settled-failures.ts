import type { CidKey } from '../domain/cid.ts'
import type { Comparison } from '../domain/compare.ts'
import { nameMatcher } from '../domain/name-globs.ts'
import type { LedgerDirection, LedgerEntry } from '../snapshot/ledger.ts'
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
  const listed = new Set(config.buckets.map(({ name }) => name))
  const isSettled: Record<LedgerDirection, (key: CidKey, entry: LedgerEntry) => boolean> = {
    // Nothing is proved of a bucket that the input does not name any more.
    backup: (key, { bucket }) =>
      comparison.isOnNode(key) || (trust.isProved && listed.has(bucket) && !comparison.isListed(key)),
    update: (key) =>
      comparison.isPinnedAtService(key) ||
      (trust.isWhole && !comparison.isOnNode(key)) ||
      (areNamesListed && comparison.isOnNode(key) && !isNameWanted(comparison.nameOnNode(key))),
    // What is broken stays so until it was read whole; only pins of the buckets are.
    verify: (key) => !comparison.isOnNode(key) || (trust.isProved && !comparison.isPinnedAtService(key)),
  }
  const settledOf = (direction: LedgerDirection) =>
    ledger
      .entries(direction)
      .filter(([key, entry]) => config.ignore.has(key) || isSettled[direction](key, entry))
      .map(([key]) => key)
      .toArray()
  const settled = {
    backup: settledOf('backup'),
    update: settledOf('update'),
    verify: settledOf('verify'),
  }
  return {
    forget: () => {
      for (const direction of directions) ledger.forget(direction, settled[direction])
    },
    areOthersLeft: () =>
      directions.some((direction) => {
        const wanted = direction === 'verify' ? 'backup' : direction
        if (config.direction !== wanted && config.direction !== 'both') return false
        const isKnownSettled = new Set(settled[direction])
        return ledger.entries(direction).some(([key]) => !isKnownSettled.has(key))
      }),
  }
}
