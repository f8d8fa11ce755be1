import type { Entries } from '../domain/entries.ts'
import type { Report } from './report.ts'

/** So many entries of a list are told of a run that was cut off. */
const most = 10_000

/**
 * The report of a run that was cut off, as it is written: after a cancel the runner kills it 10 s later, and to write a million
 * entries takes most of that. How many entries of each list are not told is beside the lists.
 */
export function shortened(report: Report): Report {
  const { backup, update, verify, buckets } = report
  return {
    ...report,
    backup: backup && withFirst(backup, ['pinned', 'failed', 'pending']),
    update: update && withFirst(update, ['pinned', 'failed', 'pending', 'unsent']),
    verify: verify && withFirst(verify, ['failed']),
    buckets: buckets.map((bucket) => withFirst(bucket, ['failedRequests'])),
  }
}

type WithLists<Name extends string> = Readonly<Record<Name, Entries<unknown>>>

function withFirst<Name extends string, Whole extends WithLists<Name>>(
  whole: Whole,
  names: readonly Name[],
): Whole {
  if (names.every((name) => whole[name].length <= most)) return whole
  const each = <T>(of: (entries: Entries<unknown>) => T) =>
    Object.fromEntries(names.map((name) => [name, of(whole[name])]))
  return { ...whole, ...each(firstOf), unlisted: each(({ length }) => Math.max(0, length - most)) }
}

function firstOf<T>(entries: Entries<T>): Entries<T> {
  return {
    length: Math.min(entries.length, most),
    [Symbol.iterator]: () => Iterator.from(entries).take(most),
  }
}
