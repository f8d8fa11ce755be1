import type { Conclusion, Report, RunReport } from '../report/report.ts'
import { code } from '../text/escape.ts'
import { count, number, size } from '../text/numbers.ts'
import { dayAndTime, took } from '../text/times.ts'

const width = 24

/** How much of what the buckets have is on the node, as a bar of text: it is the same in light, dark and mail. */
export function shareLine({ history, dryRun, inspect }: Report): string | undefined {
  // They are no runs that are remembered.
  if (dryRun || inspect.length > 0) return undefined
  const [share, before] = [shareOf(history.at(-1)), shareOf(history.at(-2))]
  if (share === undefined) return undefined
  const full = Math.floor(share.tenths * (width / 1000))
  const half = full < width && share.tenths > 0 ? 1 : 0
  const bar = '█'.repeat(full) + '▓'.repeat(half) + '░'.repeat(width - full - half)
  const last =
    before === undefined || before.tenths === share.tenths ? '' : ` · last run ${percent(before.tenths)}`
  return `\`${bar}\` **${percent(share.tenths)}** of ${count(share.cids, 'CID')} ${share.cids === 1 ? 'is' : 'are'} on the node${last}`
}

/** Rounded down: 100% is said of all, and of nothing less. */
function shareOf(run: RunReport | undefined): { cids: number; tenths: number } | undefined {
  if (run === undefined || run.cids === null || run.onNode === null || run.cids === 0) return undefined
  return { cids: run.cids, tenths: Math.floor((1000 * run.onNode) / run.cids) }
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
function lastRuns({ conclusion, history, inStepSince, failing }: Report): string[] {
  const streak =
    failing !== null && failing.runs > 1
      ? [`failing since ${dayAndTime(failing.since)} UTC, ${count(failing.runs, 'run')}`]
      : conclusion === 'ok' && inStepSince !== null && history.length > 1
        ? [`up to date since ${dayAndTime(inStepSince)} UTC`]
        : []
  if (history.length < 2) return streak
  return [...streak, `last ${history.length} runs ${history.map((run) => signs[run.conclusion]).join('')}`]
}
