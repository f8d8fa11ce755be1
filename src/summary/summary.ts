import prettyMs from 'pretty-ms'
import { statuses } from '../domain/pin.ts'
import type { DirectionReport, Report, RunError } from '../report/report.ts'
import { code, codeLines } from '../text/escape.ts'
import { count, number } from '../text/numbers.ts'
import { minute, Page, tableHead, tableRow } from '../text/page.ts'
import { adviceFor } from './advice.ts'
import { headline } from './headline.ts'
import { addInspected } from './inspect-section.ts'
import {
  addEntries,
  addFailedRequests,
  addFailures,
  addMovedDelegates,
  addPeeringOfCluster,
  addPeers,
  addUnknownDelegates,
} from './tables.ts'
import { addVerified } from './verify-section.ts'

/** GitHub drops a step's summary that is larger than 1 MiB. */
const limit = 1024 * 1024
const mostRows = 200

/** The job summary, in GitHub's Markdown: under 1 MiB whatever the report holds. */
export function renderSummary(report: Report, extras: { readonly issueUrl: string | null }): string {
  const page = new Page(limit - 1, 64 * 1024)
  page.add(`## ${headline(report)}`)
  page.add(facts(report, extras.issueUrl))
  addWork(page, report)
  addAdvice(page, report)
  addProblems(page, 'Errors', report.errors)
  addInspected(page, report.inspect)
  addCluster(page, report)
  addFailed(page, 'Failed on the node', report.backup)
  addFailed(page, 'Failed at the service', report.update)
  addVerified(page, report.verify)
  addDelegates(page, report)
  addBuckets(page, report)
  addServiceTrouble(page, report)
  addOnlyHere(page, report)
  addProblems(page, 'Warnings', report.warnings)
  addRest(page, report)
  if (page.leftOut > 0) page.add(`${count(page.leftOut, 'row')} left out here; the JSON report has all.`)
  return `${page}\n`
}

function facts(report: Report, issueUrl: string | null): string {
  const took = Math.max(0, Date.parse(report.finishedAt) - Date.parse(report.startedAt))
  const node =
    report.node === null
      ? []
      : [`${report.node.kind} ${code(report.node.version, 40)} with ${count(report.node.pins, 'pin')}`]
  const issue = issueUrl === null ? [] : [`[tracking issue](${issueUrl})`]
  const time = `${minute(report.startedAt)} UTC, took ${prettyMs(took, { unitCount: 2, secondsDecimalDigits: 0 })}`
  return [`Direction \`${report.direction}\``, ...node, time, ...issue].join(' · ')
}

function addWork(page: Page, report: Report): void {
  const { backup, update } = report
  const rows: string[][] = []
  if (backup !== null) rows.push(['Backup: service to node', ...work(backup), ''])
  if (update !== null) rows.push(['Update: node to service', ...work(update), number(update.unsent.length)])
  // Where the node was not listed, nobody knows what is missing.
  if (rows.length === 0 || report.node === null) return
  const names = ['Direction', '#Missing', '#Pinned', '#Pending', '#Failed', '#Ignored', '#Not sent']
  const width = update === null ? names.length - 1 : names.length
  page.add(
    [...tableHead(names.slice(0, width)), ...rows.map((cells) => tableRow(cells.slice(0, width)))].join('\n'),
  )
}

function work(direction: DirectionReport): string[] {
  const { missing, pinned, pending, failed, ignored } = direction
  return [missing, pinned.length, pending.length, failed.length, ignored].map(number)
}

function addAdvice(page: Page, report: Report): void {
  const advice = adviceFor(report)
  if (advice.length === 0) return
  page.add('### What to do')
  page.add(advice.map((line) => `- ${line}`).join('\n'))
}

function addProblems(page: Page, title: string, problems: readonly RunError[]): void {
  if (problems.length === 0) return
  page.add(`### ${title}`)
  page.list({
    head: tableHead(['Where', 'What']),
    rows: problems,
    row: ({ where, message }) => tableRow([code(where, 80), codeLines(message, 2000)]),
    most: mostRows,
  })
}

function addFailed(page: Page, title: string, direction: DirectionReport | null): void {
  if (direction === null || direction.failed.length === 0) return
  page.add(`### ${title}: ${count(direction.failed.length, 'CID')}`)
  addFailures(page, direction.failed, mostRows)
}

/** What a cluster is made of, and how its CIDs stand on its peers. */
function addCluster(page: Page, { node, backup, delegates }: Report): void {
  if (node === null || node.peers === null || node.replication === null) return
  const troubled = node.peers.flatMap(({ trouble, since, ...peer }) =>
    trouble === null ? [] : [{ ...peer, trouble, since: since ?? '' }],
  )
  const { pinned, pinning, failed, lost, partly, copies } = node.replication
  page.add(`### The cluster: ${count(node.peers.length, 'peer')}, ${number(troubled.length)} in trouble`)
  const factors = copies.map(({ wanted, cids }) => `${number(cids)} on ${count(wanted, 'peer')}`).join(', ')
  page.add(
    `When it was listed, it was to have ${factors === '' ? 'no CIDs' : factors}: ${number(pinned)} are on all of them, ${number(pinning)} on the way, ${number(failed)} in error on one, ${number(lost)} lost on one, ${number(partly)} are to be on one that does not say.`,
  )
  if (troubled.length > 0) addPeers(page, troubled)
  if ((backup?.failed.length ?? 0) > 0) addPeeringOfCluster(page, delegates.known)
}

function addDelegates(page: Page, { delegates }: Report): void {
  if (delegates.unknown.length > 0) {
    page.add(`### Unknown delegates: ${number(delegates.unknown.length)}`)
    addUnknownDelegates(page, delegates.unknown, delegates.known)
  }
  addMovedDelegates(page, delegates.known)
  const apart = delegates.peered.filter((peer) => !peer.connected)
  if (delegates.peered.length === 0) return
  page.add('### Connections to delegates')
  const connected = `${number(delegates.peered.length - apart.length)} of ${number(delegates.peered.length)} are connected.`
  page.add(`${connected}${saved(delegates.saved)}`)
  if (apart.length === 0) return
  page.list({
    head: tableHead(['Not connected', 'Earlier in this run', 'Why']),
    rows: apart,
    row: (peer) =>
      tableRow([
        code(peer.peerId),
        peer.answered ? 'connected' : 'no answer',
        peer.reason === null ? '' : code(peer.reason, 200),
      ]),
    most: mostRows,
  })
}

/** What `peering: save` did, as a sentence more. */
function saved(written: Report['delegates']['saved']): string {
  if (written === null) return ''
  if (!written.isWritten) return ' The node’s config had them all: nothing was written.'
  const removed = written.removed === 0 ? '' : `; ${number(written.removed)} not seen for long made way`
  return ` The node’s config got ${count(written.added, 'peer')}, and new addresses of ${number(written.extended)} of this mirror’s${removed}.`
}

function addBuckets(page: Page, { buckets }: Report): void {
  if (buckets.length === 0) return
  page.add('### Buckets')
  page.list({
    head: tableHead([
      'Bucket',
      '#CIDs',
      ...statuses.map((status) => `#${status}`),
      'Listing',
      '#HTTP requests',
      '#Added',
      '#Removed',
      '#Changed',
    ]),
    rows: buckets,
    row: ({ name, cids, requests, listing }) =>
      tableRow([
        code(name, 60),
        number(cids),
        ...statuses.map((status) => number(requests[status])),
        `${listing.mode}, ${listing.complete ? 'complete' : '**not complete**'}`,
        ...[listing.httpRequests, listing.added, listing.removed, listing.changed].map(number),
      ]),
    most: mostRows,
  })
  page.list({
    rows: buckets.flatMap(({ name, listing }) => listing.notes.map((note) => ({ name, note }))),
    row: ({ name, note }) => `- ${code(name, 60)}: ${code(note, 500)}`,
    most: mostRows,
  })
}

function addServiceTrouble(page: Page, { buckets }: Report): void {
  const failed = buckets.flatMap(({ name: bucket, failedRequests }) =>
    failedRequests.map((request) => ({ ...request, bucket })),
  )
  if (failed.length > 0) {
    page.add(`### Requests that failed at the service: ${number(failed.length)}`)
    addFailedRequests(page, failed, mostRows)
  }
  const invalid = buckets.flatMap(({ name: bucket, invalid }) => invalid.map((one) => ({ ...one, bucket })))
  if (invalid.length > 0) {
    const more = buckets.reduce((sum, { moreInvalid }) => sum + moreInvalid, 0)
    page.add(`### Invalid requests: ${number(invalid.length + more)}`)
    page.list({
      head: tableHead(['CID', 'Request ID', 'Bucket', 'What is odd']),
      rows: invalid,
      row: ({ cid, requestid, bucket, problem }) =>
        tableRow([code(cid), code(requestid), code(bucket, 60), code(problem, 200)]),
      most: mostRows,
    })
  }
}

function addOnlyHere(page: Page, { node, buckets }: Report): void {
  if (node === null || buckets.length === 0 || node.onlyHere === 0) return
  const isProved = node.onlyHereProved
  const some = node.onlyHereExamples.slice(0, 10).map((cid) => code(cid))
  page.add(`### Only on the node${isProved ? '' : ', as far as is known'}: ${count(node.onlyHere, 'pin')}`)
  page.add(
    `No bucket ${isProved ? 'has' : 'was seen to have'} ${node.onlyHere === 1 ? 'it' : 'them'} under any status.${isProved ? '' : ' Not every bucket is proved complete, so that one may.'}${some.length === 0 ? '' : ` Among them: ${some.join(', ')}.`}`,
  )
}

function addRest(page: Page, { backup, update }: Report): void {
  const lists = [
    ['Pinned on the node', backup?.pinned],
    ['Pinned at the service', update?.pinned],
    ['Pending on the node', backup?.pending],
    ['Pending at the service', update?.pending],
    ['Not sent to the service', update?.unsent],
  ] as const
  for (const [title, entries] of lists) {
    if (entries === undefined || entries.length === 0) continue
    page.add(`<details><summary>${title}: ${count(entries.length, 'CID')}</summary>`)
    addEntries(page, entries, mostRows)
    page.add('</details>')
  }
}
