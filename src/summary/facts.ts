import type { Conclusion, Report, RunReport } from '../report/report.ts'
import { code, prose } from '../text/escape.ts'
import { count, number, size } from '../text/numbers.ts'
import { dayAndTime, took } from '../text/times.ts'
import { knownBefore } from './counts.ts'

const width = 24

/**
 * How much of what one side has is on the other too, for each direction of the run, as bars of text: they are the same
 * in light, dark and mail.
 */
export function shareLines(report: Report): string | undefined {
  const { standing, direction, service, inspect } = report
  if (standing === null || inspect.length > 0) return undefined
  const { atService, onNode, onBoth } = standing
  const name = prose(service)
  const [ofService, ofNode] = direction === 'both' ? [` at ${name}`, ' on the node'] : ['', ' of the node']
  const lines = [
    ...(direction === 'update' || atService === 0
      ? []
      : [bar(onBoth, atService, ofService, 'on the node') + asListedBefore(report) + before(report)]),
    ...(direction === 'backup' || onNode === 0 ? [] : [bar(onBoth, onNode, ofNode, `at ${name}`)]),
  ]
  return lines.length === 0 ? undefined : lines.join('<br>')
}

function asListedBefore({ buckets }: Report): string {
  const known = buckets.reduce((sum, bucket) => sum + knownBefore(bucket), 0)
  return known === 0 ? '' : ` (${number(known)} of them as listed before)`
}

function before({ history, dryRun, standing }: Report): string {
  // A dry run is none that is remembered.
  if (dryRun || standing === null) return ''
  const last = history.at(-2)
  if (last === undefined || last.cids === null || last.onNode === null || last.cids === 0) return ''
  const [share, shareBefore] = [tenths(standing.onBoth, standing.atService), tenths(last.onNode, last.cids)]
  return share === shareBefore ? '' : ` · previous run ${percent(shareBefore)}`
}

function bar(part: number, whole: number, of: string, where: string): string {
  const share = tenths(part, whole)
  const full = Math.floor(share * (width / 1000))
  const half = full < width && share > 0 ? 1 : 0
  const blocks = '█'.repeat(full) + '▓'.repeat(half) + '░'.repeat(width - full - half)
  return `\`${blocks}\` **${percent(share)}** of ${count(whole, 'CID')}${of} ${whole === 1 ? 'is' : 'are'} ${where}`
}

/** In tenths of a percent, rounded down: 100% is said of all, and of nothing less. */
function tenths(part: number, whole: number): number {
  return Math.floor((1000 * part) / whole)
}

function percent(tenths: number): string {
  return tenths === 1000 ? '100%' : `${(tenths / 10).toFixed(1)}%`
}

/** What kind of run it was, when, for how long, on which node: in one small line. */
export function factsLine(
  report: Report,
  issue: { readonly url: string; readonly number: number } | null,
): string {
  const kind = { backup: 'Backup', update: 'Update', both: 'Backup and update' }[report.direction]
  const facts = [
    report.inspect.length > 0 ? 'Inspection' : report.dryRun ? `Dry run (${kind.toLowerCase()})` : kind,
    `${dayAndTime(report.startedAt)} UTC`,
    took(report.startedAt, report.finishedAt),
    ...node(report),
    ...fetched(report),
    ...(issue === null ? [] : [`[tracking issue #${issue.number}](${issue.url})`]),
    ...lastRuns(report),
  ]
  return `<sub>${facts.join(' · ')}</sub>`
}

function node({ node, backup, dryRun }: Report): string[] {
  if (node === null) return []
  const name = { kubo: 'Kubo', cluster: 'IPFS Cluster' }[node.kind]
  const pinned = dryRun ? 0 : (backup?.pinned.length ?? 0)
  const after = pinned === 0 ? '' : `${number(node.pins)} → `
  return [`${name} ${code(node.version, 40)}, ${after}${count(node.pins + pinned, 'pin')}`]
}

function fetched({ storage }: Report): string[] {
  const bytes = storage?.fetched ?? 0
  return bytes === 0 ? [] : [`${size(bytes)} fetched`]
}

const signs: Readonly<Record<Conclusion, string>> = {
  ok: '✅',
  'failed-pins': '⚠️',
  error: '❌',
  'out-of-time': '⏱️',
  cancelled: '⏹️',
}

/** How it went of late; this run is the last of them. */
function lastRuns({ conclusion, startedAt, history, inStepSince, failing }: Report): string[] {
  const streak =
    failing !== null && failing.runs > 1
      ? [`failing since ${dayAndTime(failing.since)} UTC, ${count(failing.runs, 'run')}`]
      : conclusion === 'ok' && isEarlier(inStepSince, startedAt)
        ? [`up to date since ${dayAndTime(inStepSince)} UTC`]
        : []
  if (history.length < 2) return streak
  return [...streak, `last ${history.length} runs ${history.map(signOf).join('')}`]
}

/** To the minute, as they are shown. */
function isEarlier(since: string | null, now: string): since is string {
  return since !== null && dayAndTime(since) !== dayAndTime(now)
}

/** What its headline began with. */
function signOf({ conclusion, doubted }: RunReport): string {
  return doubted && conclusion === 'ok' ? signs['failed-pins'] : signs[conclusion]
}
