import type { Report } from '../../report/report.ts'
import { prose } from '../../text/escape.ts'
import { count, number } from '../../text/numbers.ts'
import type { Page } from '../../text/page.ts'
import { timeSeenFrom } from '../../text/times.ts'
import { vanishedOf } from '../counts.ts'
import type { FailureGroup } from '../failure-groups.ts'

/** What needs nobody: the next runs see to it. */
export function addByItself(page: Page, report: Report, groups: readonly FailureGroup[]): void {
  const lines = byItself(report, groups)
  if (lines.length === 0) return
  page.add('### What the mirror does by itself')
  page.add(lines.map((line) => `- ${line}`).join('\n'))
}

function byItself(report: Report, groups: readonly FailureGroup[]): string[] {
  if (report.dryRun || report.inspect.length > 0) return []
  return [
    ...goesOn(report),
    ...triesAgain(report, groups),
    ...looksAgain(report),
    ...sendsLater(report),
    ...believesLater(report),
  ]
}

function goesOn({ conclusion, backup, storage, buckets, node, errors }: Report): string[] {
  if (errors.length > 0 && errors.every(({ where }) => where === 'input')) return []
  if (conclusion === 'error') {
    const listed = buckets.some(({ listing }) => listing.brokeOff) && node !== null
    return [
      listed
        ? 'Keeps what was done, and lists the rest in the next run.'
        : 'Keeps what was done: the next run goes on from there.',
    ]
  }
  if (conclusion === 'cancelled') return ['Keeps what was done: the next run goes on from there.']
  if (conclusion !== 'out-of-time') return []
  const left = backup?.pending.length ?? 0
  const what = left === 0 ? 'where this one stopped' : `with ${count(left, 'CID')}`
  const advice =
    storage?.stoppedBy === 'max-bytes'
      ? 'If it falls behind, raise `max-bytes`'
      : 'If time runs out often, raise `time-limit` and the job’s `timeout-minutes`'
  return [`Goes on ${what} in the next run. ${advice}, or run more often.`]
}

function triesAgain({ finishedAt }: Report, groups: readonly FailureGroup[]): string[] {
  const later = groups.filter((group) => group.retry === 'later' && group.class !== 'corrupt-block')
  const cids = later.reduce((sum, one) => sum + one.count, 0)
  if (cids === 0) return []
  const [next = ''] = later.map(({ nextAttemptAt }) => nextAttemptAt).toSorted()
  const when = next <= finishedAt ? 'in the next run' : `from ${timeSeenFrom(next, finishedAt)} UTC on`
  const which = later.length < groups.length ? `the other ${count(cids, 'CID')}` : count(cids, 'CID')
  return [`Tries ${which} again ${when}, then less and less often. A run started by hand tries all of them.`]
}

function looksAgain({ update, service }: Report): string[] {
  const pending = update?.pending.length ?? 0
  if (pending === 0) return []
  return [`Looks again at ${count(pending, 'CID')} that ${prose(service)} has accepted, and not pinned yet.`]
}

function sendsLater({ update, service, buckets }: Report): string[] {
  const unsent = update?.unsent.length ?? 0
  if (unsent === 0) return []
  const isWaiting = buckets.some(({ listing }) => !listing.complete)
  const when = isWaiting
    ? 'once every bucket is listed in full, so that nothing is paid for twice'
    : 'in a later run'
  return [`Sends ${number(unsent)} to ${prose(service)} ${when}.`]
}

function believesLater(report: Report): string[] {
  const vanished = vanishedOf(report)
  const lines: string[] = []
  if (vanished > 0)
    lines.push(
      `Takes ${count(vanished, 'request')} for deleted once a run a day later sees the same. Until then nothing is done about ${vanished === 1 ? 'it' : 'them'}.`,
    )
  if (report.node?.believed === false)
    lines.push('Pins everything anew once a run a day later finds the node as empty.')
  return lines
}
