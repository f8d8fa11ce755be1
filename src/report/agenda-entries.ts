import type { Agenda } from '../domain/agenda.ts'
import type { CidKey, PinCid } from '../domain/cid.ts'
import type { BucketEntries, Entries } from '../domain/entries.ts'
import type { Outcomes, Result } from '../domain/outcomes.ts'
import type { Entry } from '../domain/pin.ts'
import type { LedgerEntry } from '../snapshot/ledger.ts'
import { entryOf, failedEntry } from './ledger-entries.ts'
import type { FailedEntry } from './report.ts'

type Named = Pick<LedgerEntry, 'cid' | 'name' | 'bucket'>

/** Those of an agenda that came to a result, each made as it is read. */
export function entriesWith(
  agenda: Agenda<Named> & { bucketAt(index: number): string },
  outcomes: Outcomes,
  result: Result,
): BucketEntries<Entry> {
  return {
    length: outcomes.count(result),
    buckets: () => outcomes.indexesOf(result).map((index) => agenda.bucketAt(index)),
    *[Symbol.iterator]() {
      for (const index of outcomes.indexesOf(result)) yield entryOf(agenda.at(index))
    },
  }
}

/** Those that failed, now or before, as the ledger has them when they are read. */
export function failedEntries(
  agenda: Agenda<{ readonly cid: PinCid }>,
  outcomes: Outcomes,
  failure: (key: CidKey) => LedgerEntry | undefined,
): Entries<FailedEntry> {
  return {
    length: outcomes.count('failed'),
    *[Symbol.iterator]() {
      for (const index of outcomes.indexesOf('failed')) {
        const entry = failure(agenda.keyAt(index))
        if (entry === undefined) throw new Error(`the ledger has no failure of ${agenda.at(index).cid.text}`)
        yield failedEntry(entry)
      }
    },
  }
}
