import type { Report, RunError } from '../report/report.ts'
import { count, number } from '../text/numbers.ts'
import { bySide, countsOf, limitsSaid, vanishedOf } from './counts.ts'

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
  if (report.dryRun) return 'Dry run: cancelled before it came to its end'
  const pinned = pinnedSaid(report)
  return pinned === undefined ? 'Cancelled before anything was pinned' : `Cancelled after ${pinned}`
}

function outOfTime(report: Report): string {
  const { left } = countsOf(report)
  const soFar = pinnedSaid(report) ?? 'nothing was pinned yet'
  // None are known to be left where the listing itself was cut short.
  if (left === 0) return `Time ran out before everything was listed: ${soFar}`
  const why = upperFirst(limitsSaid(report.leftBy.length === 0 ? ['time-limit'] : report.leftBy))
  return `${why}: ${soFar}, ${number(left)} ${left === 1 ? 'is' : 'are'} left for the next run`
}

function inspected({ inspect, service }: Report): string {
  const valid = inspect.filter((one) => one.valid)
  if (valid.length === 0) return `Nothing to inspect: ${count(inspect.length, 'text')} given, and no CID`
  const onNode = valid.filter(({ node }) => node?.pinned.type === 'recursive').length
  const atService = valid.filter((one) => one.service.some(({ status }) => status === 'pinned')).length
  const unknown = valid.filter(
    ({ node, unanswered }) => node === null || node.pinned.type === 'unknown' || unanswered.length > 0,
  ).length
  const rest = unknown === 0 ? '' : `, and of ${number(unknown)} not all is known`
  return `${count(valid.length, 'CID')} inspected: the node pins ${number(onNode)}, ${service} ${number(atService)}${rest}`
}

/** What is not believed before a later run, or a person, confirms it. */
function doubtOf(report: Report): string | undefined {
  if (report.node?.believed === false)
    return 'the node lists no pins, and had many: nothing is pinned until that is confirmed'
  const vanished = vanishedOf(report)
  const names = report.buckets.filter(({ listing }) => listing.vanished > 0).map(({ name }) => name)
  if (vanished === 0) return undefined
  const where = names.length === 1 ? `\`${names[0]}\`` : count(names.length, 'bucket')
  return `${count(vanished, 'request')} vanished from ${where}, and ${vanished === 1 ? 'is' : 'are'} not taken for deleted yet`
}

function wouldDo({ backup, update, service }: Report): string {
  const due = (one: typeof backup) => (one === null ? 0 : one.missing - one.failed.length)
  const [toPin, toSend] = [due(backup), due(update)]
  const parts = [
    ...(toPin > 0 ? [`pin ${count(toPin, 'CID')} on the node`] : []),
    ...(toSend > 0 ? [`send ${toPin > 0 ? number(toSend) : count(toSend, 'CID')} to ${service}`] : []),
  ]
  if (parts.length > 0) return `would ${parts.join(' and ')}`
  const { failed } = countsOf({ backup, update })
  return failed === 0 ? 'nothing is missing' : `nothing would be done; ${rest(failed)}`
}

function failedPins(report: Report): string {
  const { failed, resting } = countsOf(report)
  const broken = brokenSaid(report)
  const [pinned, tried] = [pinnedSaid(report), triedSaid(report)]
  const said = [pinned, tried, ...leftSaid(report, pinned, tried)].filter((part) => part !== undefined)
  if (failed > 0 || broken !== undefined)
    return joined([
      ...said,
      ...(resting > 0 ? [rest(resting, ...said)] : []),
      ...(broken === undefined ? [] : [broken]),
    ])
  return said.length === 0
    ? 'Nothing to pin; CIDs that failed before are not in this listing'
    : joined([...said, 'others that failed before are not in this listing'])
}

/** `2 pinned CIDs are broken on the node`; `undefined` for none. */
function brokenSaid({ verify }: Report): string | undefined {
  const broken = verify?.failed.length ?? 0
  return broken === 0
    ? undefined
    : `${count(broken, 'pinned CID')} ${broken === 1 ? 'is' : 'are'} broken on the node`
}

/** One after the other; the first that counts says what. */
function joined(parts: readonly string[]): string {
  return parts
    .join('; ')
    .replace(/^(?:1 (?=is )|[\d,]+ (?=are ))/, (n) => `${n}${n === '1 ' ? 'CID' : 'CIDs'} `)
}

/** `3 CIDs wait for their next try` */
function rest(resting: number, ...before: readonly unknown[]): string {
  const isFirst = !before.some(Boolean)
  return `${isFirst ? count(resting, 'CID') : number(resting)} ${resting === 1 ? 'waits for its' : 'wait for their'} next try`
}

/** `60 CIDs were pinned on the node, 12 at Filebase`; `undefined` for none. */
function pinnedSaid(report: Report): string | undefined {
  return atSides(
    bySide(report, ({ pinned }) => pinned.length),
    (n) => `${n === 1 ? 'was' : 'were'} pinned`,
  )
}

/** `12 could not be`, and where, unless that was just said; `undefined` for none. */
function triedSaid(report: Report): string | undefined {
  const [pinned, tried] = [
    bySide(report, ({ pinned }) => pinned.length),
    bySide(report, ({ failed, resting }) => failed.length - resting),
  ]
  const [one, ...others] = tried
  const isSaid = pinned.length === 1 && others.length === 0 && one?.[1] === pinned[0]?.[1]
  if (one !== undefined && isSaid) return `${number(one[0])} could not be`
  return atSides(tried, () => 'could not be pinned')
}

/** `n CIDs were pinned on the node, m at Filebase` */
function atSides(sides: ReturnType<typeof bySide>, verb: (number: number) => string): string | undefined {
  const [first, ...others] = sides
  if (first === undefined) return undefined
  const [n, where] = first
  return [
    `${count(n, 'CID')} ${verb(n)} ${where}`,
    ...others.map(([m, there]) => `${number(m)} ${there}`),
  ].join(', ')
}

/** What is neither pinned nor failed, and why. @param before what is said of the others */
function leftSaid({ backup, update, service }: Report, ...before: readonly unknown[]): string[] {
  const parts = [
    [backup?.pending.length ?? 0, 'left for the next run'],
    [update?.pending.length ?? 0, before.some(Boolean) ? 'on the way' : `on the way to ${service}`],
    [update?.unsent.length ?? 0, 'not sent'],
  ] as const
  return parts.filter(([n]) => n > 0).map(([n, what]) => `${number(n)} ${n === 1 ? 'is' : 'are'} ${what}`)
}

function done(report: Report): string {
  if (countsOf(report).missing === 0) return upToDate(report)
  const pinned = pinnedSaid(report)
  const left = leftSaid(report, pinned)
  if (pinned === undefined) return joined(left)
  return joined([pinned, ...(left.length === 0 ? ['nothing is missing'] : left)])
}

function upToDate({ direction, service, buckets, standing }: Report): string {
  if (direction === 'update') return `Up to date: ${service} has all that the node has pinned`
  if (direction === 'both') return `Up to date: the node and ${service} have all of each other`
  const isAll = standing !== null && standing.atService > 0 && standing.atService === standing.onBoth
  return isAll
    ? `Up to date: the node has all ${count(standing.atService, 'CID')} pinned in ${count(buckets.length, 'bucket')}`
    : `Up to date: the node has all that ${service} has pinned`
}

function upperFirst(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())
}
