import type { Report, RunError } from '../report/report.ts'
import { count, number } from '../text/numbers.ts'
import { countsOf, vanishedOf } from './counts.ts'

export interface Verdict {
  readonly icon: '✅' | '⚠️' | '❌' | '⏱️' | '⏹️' | '🔎'
  /** One sentence without its full stop; names are in backticks. */
  readonly text: string
}

/** How the run ended, in one plain sentence: the first error, or the result. */
export function headline(report: Report): string {
  return verdictOf(report).text
}

/** The same with its sign. */
export function verdictOf(report: Report): Verdict {
  if (report.errors.length > 0)
    return { icon: '❌', text: (report.dryRun ? 'Dry run: ' : '') + failureOf(report) }
  if (report.conclusion === 'cancelled') return { icon: '⏹️', text: cancelled(report) }
  if (report.conclusion === 'out-of-time') return { icon: '⏱️', text: outOfTime(report) }
  if (report.inspect.length > 0) return { icon: '🔎', text: inspected(report) }
  const doubt = doubtOf(report)
  if (report.dryRun) return { icon: '🔎', text: `Dry run: ${doubt ?? wouldDo(report)}` }
  if (doubt !== undefined) return { icon: '⚠️', text: upperFirst(doubt) }
  if (report.conclusion === 'failed-pins') return { icon: '⚠️', text: failedPins(report) }
  return { icon: '✅', text: done(report) }
}

/** The first error in short, and how many more there are. */
function failureOf({ errors, service }: Report): string {
  const [first] = errors as readonly [RunError]
  const more = errors.length === 1 ? '' : `, and ${count(errors.length - 1, 'more error')}`
  // Few words, so it is called by its name.
  return upperFirst(inShort(first).replaceAll('the service', service)) + more
}

const longestShort = 120

/** What happened, without why, where and what to do. */
function inShort({ short, message }: RunError): string {
  const clause = short ?? /^.+?(?=[:;] |\. | \(|$)/.exec(message.split('\n', 1)[0] ?? '')?.[0] ?? message
  const text = clause.replace(/\.$/, '')
  return text.length <= longestShort ? text : `${text.slice(0, longestShort - 1).toWellFormed()}…`
}

function cancelled(report: Report): string {
  const { pinned } = countsOf(report)
  if (report.dryRun) return 'Dry run: cancelled before it came to its end'
  return pinned === 0 ? 'Cancelled before anything was pinned' : `Cancelled after ${wasPinned(pinned)}`
}

function outOfTime(report: Report): string {
  const { pinned, left } = countsOf(report)
  const soFar = pinned === 0 ? 'nothing was pinned yet' : wasPinned(pinned)
  // None are known to be left where the listing itself was cut short.
  if (left === 0) return `Time ran out before everything was listed: ${soFar}`
  const why = report.storage?.stoppedBy === 'max-bytes' ? '`max-bytes` is used up' : 'Time ran out'
  return `${why}: ${soFar}, ${number(left)} ${left === 1 ? 'is' : 'are'} left for the next run`
}

function inspected({ inspect }: Report): string {
  const valid = inspect.filter((one) => one.valid)
  if (valid.length === 0) return `Nothing to inspect: ${count(inspect.length, 'text')} given, and no CID`
  const onNode = valid.filter(({ node }) => node?.pinned.type === 'recursive').length
  const unknown = valid.filter(({ node }) => node === null || node.pinned.type === 'unknown').length
  const rest = unknown === 0 ? '' : `, and of ${number(unknown)} it is not known`
  return `${count(valid.length, 'CID')} inspected: the node pins ${number(onNode)}${rest}`
}

/** What is not believed before a later run, or a person, confirms it. */
function doubtOf(report: Report): string | undefined {
  if (report.node?.believed === false)
    return 'the node lists no pins, and had many: nothing is pinned until that is confirmed'
  const vanished = vanishedOf(report)
  const names = report.buckets.filter(({ listing }) => listing.vanished > 0).map(({ name }) => name)
  if (vanished === 0) return undefined
  const where = names.length === 1 ? `\`${names[0]}\`` : count(names.length, 'bucket')
  return `${count(vanished, 'request')} vanished from ${where} since the last run`
}

function wouldDo({ backup, update, service }: Report): string {
  const due = (one: typeof backup) => (one === null ? 0 : one.missing - one.failed.length)
  const { failed } = countsOf({ backup, update })
  const parts = [
    [due(backup), 'would be pinned on the node'],
    [due(update), `would be sent to ${service}`],
    [failed, `would wait for ${failed === 1 ? 'its' : 'their'} next try`],
  ] as const
  const some = parts.filter(([n]) => n > 0)
  if (some.length === 0) return 'nothing is missing'
  return some.map(([n, what], index) => `${index === 0 ? count(n, 'CID') : number(n)} ${what}`).join(', ')
}

function failedPins(report: Report): string {
  const { pinned, failed, resting } = countsOf(report)
  const tried = failed - resting
  const broken = report.verify?.failed.length ?? 0
  if (failed === 0 && broken > 0) {
    const are = broken === 1 ? 'is' : 'are'
    return `${pinned === 0 ? '' : `${wasPinned(pinned)}; `}${count(broken, 'pinned CID')} ${are} broken on the node`
  }
  if (failed === 0)
    return pinned === 0
      ? 'Nothing to pin; CIDs that failed before are not in this listing'
      : `${wasPinned(pinned)}; others that failed before are not in this listing`
  const parts = [
    ...(pinned > 0 ? [wasPinned(pinned)] : []),
    ...(tried > 0
      ? [`${pinned > 0 ? number(tried) : count(tried, 'CID')} could not be${pinned > 0 ? '' : ' pinned'}`]
      : []),
    ...(resting > 0
      ? [
          `${pinned + tried > 0 ? number(resting) : count(resting, 'CID')} ${resting === 1 ? 'waits for its' : 'wait for their'} next try`,
        ]
      : []),
    ...(broken > 0
      ? [`${number(broken)} that ${broken === 1 ? 'is' : 'are'} pinned ${broken === 1 ? 'is' : 'are'} broken`]
      : []),
  ]
  return parts.join('; ')
}

function done(report: Report): string {
  const { missing, pinned, left } = countsOf(report)
  if (missing === 0) return upToDate(report)
  if (pinned === 0)
    return `${count(left, 'CID')} ${left === 1 ? 'is' : 'are'} on the way to ${report.service}`
  return left === 0
    ? `${wasPinned(pinned)}; nothing is missing`
    : `${wasPinned(pinned)}; ${number(left)} ${left === 1 ? 'is' : 'are'} not done yet`
}

function upToDate({ direction, service, buckets, history }: Report): string {
  if (direction === 'update') return `Up to date: ${service} has all that the node has pinned`
  if (direction === 'both') return `Up to date: the node and ${service} have all of each other`
  const now = history.at(-1)
  const isAll = now !== undefined && now.cids !== null && now.cids > 0 && now.cids === now.onNode
  return isAll
    ? `Up to date: the node has all ${count(now.cids ?? 0, 'CID')} pinned in ${count(buckets.length, 'bucket')}`
    : `Up to date: the node has all that ${service} has pinned`
}

function wasPinned(pinned: number): string {
  return `${count(pinned, 'CID')} ${pinned === 1 ? 'was' : 'were'} pinned`
}

function upperFirst(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())
}
