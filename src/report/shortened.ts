import type { Entries } from '../domain/entries.ts'
import type { DirectionReport, Report, UpdateReport } from './report.ts'

/** So many entries of a list are told of a run that was cancelled. */
const most = 10_000

const lists = ['pinned', 'failed', 'pending', 'unsent'] as const

/**
 * The report of a run that was cancelled, as it is written: the runner kills it 10 s later, and to write a million
 * entries takes most of that. How many entries of each list are not told is beside the lists.
 */
export function shortened(report: Report): Report {
  const { backup, update } = report
  return { ...report, backup: backup && shortenedIn(backup), update: update && shortenedIn(update) }
}

function shortenedIn<Direction extends DirectionReport | UpdateReport>(whole: Direction): Direction {
  const parts: Partial<Record<(typeof lists)[number], Entries<unknown>>> = whole
  const given = lists.flatMap((name) => (parts[name] === undefined ? [] : [{ name, entries: parts[name] }]))
  if (given.every(({ entries }) => entries.length <= most)) return whole
  return {
    ...whole,
    ...Object.fromEntries(given.map(({ name, entries }) => [name, firstOf(entries)])),
    unlisted: Object.fromEntries(
      given.map(({ name, entries }) => [name, Math.max(0, entries.length - most)]),
    ),
  }
}

function firstOf<T>(entries: Entries<T>): Entries<T> {
  return {
    length: Math.min(entries.length, most),
    [Symbol.iterator]: () => Iterator.from(entries).take(most),
  }
}
