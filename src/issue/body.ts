import type { LedgerDirection } from '../snapshot/ledger.ts'
import { addFailedRequests, addFailures, addPeers, addUnknownDelegates } from '../summary/tables.ts'
import { code, codeLines } from '../text/escape.ts'
import { count, number } from '../text/numbers.ts'
import { Page } from '../text/page.ts'
import { reasonWords } from '../text/reasons.ts'
import { toldLine, toldOf } from './told.ts'
import { inOrder, isSettled, type Tracked } from './tracked.ts'

/** GitHub takes no longer body; it counts characters, which are never more than bytes. */
const limit = 65_536
const mostRows = 200

/** The hidden first line by which a mirror finds its issue. */
export function markerOf(mirror: string): string {
  return `<!-- ipfs-pin-mirror: ${mirror} -->`
}

/** The issue's body: the same for the same state, but for the line that names the run. */
export function renderIssueBody(facts: {
  readonly marker: string
  readonly cacheKey: string
  readonly runUrl: string
  readonly tracked: Tracked
}): string {
  const tracked = inOrder(facts.tracked)
  const told = toldLine(toldOf(tracked))
  const page = new Page(limit - told.length - 1024, 8 * 1024)
  page.add(facts.marker)
  page.add(
    `What the mirror ${code(facts.cacheKey, 80)} cannot put right by itself. Its runs keep this text up to date, comment when something changes, and close the issue when nothing is left; edits to it are overwritten.`,
  )
  if (isSettled(tracked)) page.add('Nothing is left.')
  if (tracked.doubts.length > 0) {
    page.add('### Not believed yet')
    page.list({
      rows: tracked.doubts,
      row: ({ where, message }) => `- ${code(where, 120)}: ${codeLines(message, 1000)}`,
      most: mostRows,
    })
  }
  if (tracked.troubledPeers.length > 0) {
    page.add(`### Peers of the cluster in trouble: ${number(tracked.troubledPeers.length)}`)
    addPeers(page, tracked.troubledPeers)
  }
  addFailed(page, 'backup', tracked)
  addFailed(page, 'update', tracked)
  addFailed(page, 'verify', tracked)
  if (tracked.unknownDelegates.length > 0) {
    page.add(`### Unknown delegates: ${number(tracked.unknownDelegates.length)}`)
    page.add(
      'The service fetches through these peers, and `delegates` does not name them. Pins may stop arriving if the node is not connected to them.',
    )
    addUnknownDelegates(page, tracked.unknownDelegates, tracked.knownDelegates)
  }
  if (tracked.failedRequests.length > 0) {
    page.add(`### Requests that failed at the service: ${number(tracked.failedRequests.length)}`)
    page.add(
      'No other request for the same CID is pinned. A backup never writes to the service: upload them again there, or delete the requests.',
    )
    addFailedRequests(page, tracked.failedRequests, mostRows)
  }
  page.add(`Last changed by [this run](${facts.runUrl}).`)
  page.add(told)
  return page.toString()
}

/** Whether two bodies say the same, whichever run wrote them. */
export function saysTheSame(one: string, other: string): boolean {
  return withoutRun(one) === withoutRun(other)
}

const withoutRun = (body: string) =>
  body
    .replaceAll('\r\n', '\n')
    .replace(/^Last changed by .*$/m, '')
    .trimEnd()

const failedTitles = {
  backup: {
    title: 'Failed on the node',
    advice:
      'Usually nobody who has the data can be reached: `ipfs routing findprovs CID` on the box shows who has it. Each is tried again, less and less often; a run started by hand tries all at once. What nobody will ever have again belongs in `ignore`.',
  },
  update: {
    title: 'Failed at the service',
    advice:
      'Usually the service cannot fetch from the node: check that the node can be reached from outside, and that `origins` names its public addresses.',
  },
  verify: {
    title: 'Broken on the node',
    advice: (['missing-block', 'corrupt-block'] as const).map((one) => reasonWords(one).advice).join(' '),
  },
}

function addFailed(page: Page, direction: LedgerDirection, tracked: Tracked): void {
  const failures = tracked.failures.filter((failure) => failure.direction === direction)
  if (failures.length === 0) return
  const { title, advice } = failedTitles[direction]
  page.add(`### ${title}: ${count(failures.length, 'CID')}`)
  page.add(advice)
  addFailures(page, failures, mostRows)
}
