import type { BucketEntries, Entries } from '../domain/entries.ts'
import { mergeAddresses } from '../domain/peering.ts'
import type { Entry } from '../domain/pin.ts'
import type { DelegateReport, KnownDelegateReport, UnknownDelegateReport } from '../report/report.ts'
import { code, codeBlock } from '../text/escape.ts'
import { number } from '../text/numbers.ts'
import { minute, type Page, tableHead, tableRow } from '../text/page.ts'
import type { GivenUp } from './counts.ts'

export function addEntries(page: Page, entries: Entries<Entry>, most: number): void {
  page.list({
    head: tableHead(['CID', 'Name', 'Bucket']),
    rows: entries,
    row: (entry) => tableRow(entryCells(entry)),
    most,
  })
}

export function addFailedRequests(page: Page, requests: BucketEntries<GivenUp>, most: number): void {
  page.list({
    head: tableHead(['CID', 'Name', 'Bucket', 'Why', 'Requested (UTC)']),
    rows: requests,
    row: (request) =>
      tableRow([
        ...entryCells(request),
        request.reason === null ? 'not said' : code(request.reason, 200),
        minute(request.created),
      ]),
    most,
  })
}

/** The whole input that makes them known: known ones first, for it replaces what is there. */
export function addLinesToPaste(
  page: Page,
  unknown: readonly UnknownDelegateReport[],
  known: readonly DelegateReport[],
): void {
  const lines = [
    'delegates: |',
    ...(known.length > 0 ? ['  # known so far'] : []),
    ...known.flatMap(({ addrs }) => addrs.map((address) => `  ${address}`)),
    '  # new',
    ...unknown.flatMap(({ addrs }) => addrs.map((address) => `  ${address}`)),
  ]
  const isShown =
    lines.length <= mostLinesToPaste &&
    page.tryAdd(
      `The service names them in its answers. Where an address has a host name of the service’s own, the peer is the service’s; else ask its support. Then put this into the workflow:\n\n${codeBlock(lines)}`,
    )
  if (!isShown) {
    page.add('The lines that make them known are too many to show here; the JSON report has all addresses.')
    return
  }
  const entries = unknown.map(({ peerId, addrs }) =>
    JSON.stringify({ ID: peerId, Addrs: mergeAddresses(peerId, [], addrs) }),
  )
  page.tryAdd(
    `<details><summary>To stay connected to them between runs</summary>\n\nRun once with \`peering: save\`, or add to \`Peering.Peers\` in the config of Kubo:\n\n${codeBlock(entries.map((entry, index) => `${entry}${index < entries.length - 1 ? ',' : ''}`))}\n\n</details>`,
  )
}

/** Known delegates that the service shows under addresses that nobody named. */
export function addMovedDelegates(page: Page, known: readonly KnownDelegateReport[]): void {
  const moved = known.filter(({ otherAddrs }) => otherAddrs.length > 0)
  if (moved.length === 0) return
  page.add('#### Known delegates at other addresses')
  page.list({
    head: tableHead(['Peer ID', 'Named in `delegates`', 'Shown by the service as well']),
    rows: moved,
    row: (peer) => tableRow([code(peer.peerId), some(peer.addrs, 200), some(peer.otherAddrs, 200)]),
    most: 50,
  })
  page.add(
    'The peers are the same, so this is no alarm. To keep the list up to date, name these addresses too.',
  )
}

/** The mirror can't peer the Kubo nodes of a cluster with the service's peers, and merely connected ones may not be asked. */
export function addPeeringOfCluster(page: Page, known: readonly DelegateReport[]): void {
  if (known.length === 0 || known.length > mostLinesToPaste) return
  const peers = known.map(({ peerId, addrs }) => ({ ID: peerId, Addrs: mergeAddresses(peerId, [], addrs) }))
  page.tryAdd(
    `Where pins stall: the cluster connects its Kubo nodes to the service’s delegates, and Kubo asks those at public addresses for blocks only where it is peered with them. Make this \`Peering.Peers\` in the config of the Kubo node of each peer, and restart it:\n\n${codeBlock(JSON.stringify(peers, null, 1).split('\n'))}`,
  )
}

/** The peers of a cluster that have trouble, and since when. */
export function addPeers(
  page: Page,
  peers: readonly {
    readonly peerId: string
    readonly name: string
    readonly trouble: string
    readonly since: string
  }[],
): void {
  page.list({
    head: tableHead(['Peer', 'Peer ID', 'Since (UTC)', 'What']),
    rows: peers,
    row: ({ peerId, name, trouble, since }) =>
      tableRow([name === '' ? '' : code(name, 60), code(peerId), minute(since), code(trouble, 200)]),
    most: 50,
  })
  page.add(
    'What is to be on them has a copy less until they are back; no CID is blamed for it. One that was taken out for good is forgotten by a run by hand with `full-listing: true`.',
  )
}

/** Cut, they would make known ones unknown. */
const mostLinesToPaste = 100

function entryCells(entry: Entry): string[] {
  return [code(entry.cid), entry.name === null ? '' : code(entry.name, 80), code(entry.bucket, 60)]
}

/** The first few of a list, in one cell. */
function some(texts: readonly string[], most: number): string {
  const shown = texts.slice(0, 4).map((text) => code(text, most))
  const left = texts.length - shown.length
  return [...shown, ...(left > 0 ? [`and ${number(left)} more`] : [])].join('<br>')
}
