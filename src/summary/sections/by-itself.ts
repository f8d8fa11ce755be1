import type { Report } from '../../report/report.ts'
import { prose } from '../../text/escape.ts'
import { count, number } from '../../text/numbers.ts'
import type { Page } from '../../text/page.ts'
import { dayAndTime, timeSeenFrom } from '../../text/times.ts'
import { countsOf } from '../counts.ts'
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

function goesOn(report: Report): string[] {
  const { conclusion, errors, leftBy } = report
  if (conclusion === 'error') {
    if (errors.every(({ where }) => where === 'input')) return []
    return [
      hasDone(report) ? `Keeps what was done, and ${doesNext(report)}.` : `${upperFirst(doesNext(report))}.`,
    ]
  }
  if (conclusion === 'cancelled')
    return [
      hasDone(report)
        ? 'Keeps what was done: the next run goes on from there.'
        : 'Begins anew in the next run.',
    ]
  if (conclusion !== 'out-of-time') return []
  const { left } = countsOf(report)
  const what = left === 0 ? 'where this one stopped' : `with ${count(left, 'CID')}`
  const limits = [
    ...(leftBy.includes('max-bytes') ? ['`max-bytes`'] : []),
    ...(leftBy.includes('max-bytes') && !leftBy.includes('time-limit')
      ? []
      : ['`time-limit` and the job’s `timeout-minutes`']),
  ]
  return [
    `Goes on ${what} in the next run. If it falls behind, raise ${limits.join(', ')}, or run more often.`,
  ]
}

/** Whether there is anything that the next run need not do again. */
function hasDone({ backup, update, buckets }: Report): boolean {
  const hasPinned = [backup, update].some((one) => one !== null && one.pinned.length > 0)
  return (
    hasPinned ||
    (update !== null && update.pending.length > 0) ||
    buckets.some(({ listing: { added, removed, changed } }) => added + removed + changed > 0)
  )
}

/** After an error. */
function doesNext({ buckets, node }: Report): string {
  const notListed = buckets.filter(({ listing }) => listing.brokeOff)
  const [one] = notListed
  if (node !== null && one !== undefined && notListed.length < buckets.length)
    return `lists ${notListed.length === 1 ? prose(`\`${one.name}\``) : `the ${number(notListed.length)} others`} again in the next run`
  return 'tries again in the next run'
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
  return [`Looks again at ${count(pending, 'CID')} that ${prose(service)} has accepted, but not pinned yet.`]
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
  const dropped = report.buckets.filter(({ listing }) => listing.vanished > 0)
  const lines = dropped.flatMap(({ name, listing: { vanished, drops } }) => {
    const line = (requests: number, when: string) => {
      const them = requests === 1 ? 'it' : 'them'
      return `Takes ${drops.length > 1 ? '' : 'the '}${count(requests, 'request')} of ${prose(`\`${name}\``)} for deleted in the first run ${when} misses ${them}. Until then nothing is done about ${them}.`
    }
    const others = drops.reduce((left, drop) => left - drop.vanished, vanished)
    return [
      ...drops.map((drop) => line(drop.vanished, `after ${dayAndTime(drop.believedFrom)} UTC that still`)),
      ...(others > 0 ? [line(others, 'that lists the bucket in full and still')] : []),
    ]
  })
  const { node } = report
  if (node?.believed === false && node.believedFrom !== null)
    lines.push(
      `Pins everything anew in the first run after ${dayAndTime(node.believedFrom)} UTC that finds the node as empty.`,
    )
  return lines
}

function upperFirst(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())
}
