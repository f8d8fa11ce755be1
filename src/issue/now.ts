import { bucketNames } from '../text/bucket-names.ts'
import { code, prose } from '../text/escape.ts'
import { count, number } from '../text/numbers.ts'
import { minute, tableHead, tableRow } from '../text/page.ts'
import { reasonWords } from '../text/reasons.ts'
import type { Told, Unseen } from './told.ts'
import { type FailedAlike, type FailingRuns, kinds, needsPerson, type Tracked } from './tracked.ts'
import { countsOfUnseen } from './unseen.ts'
import { lastErrors, nouns, placesIn, time, titleOf } from './words.ts'

/*
 * The part of the body that says how things stand and what needs a person. It stands between marks, so that a run that
 * saw nothing else can still bring up to date what it says of failing runs.
 */
const start = '<!-- ipfs-pin-mirror-now -->'
const end = '<!-- ipfs-pin-mirror-then -->'
const runsMark = '<!-- runs -->'
const head = tableHead(['#', 'What', 'Since (UTC)', 'To do'])
/** In bytes: a third of the body. */
const mostRoom = 20_000

export function renderNow(told: Told, tracked: Tracked, unseen: Unseen, runUrl: string): string {
  const rows = [
    ...tracked.doubts.map(doubtRow),
    ...tracked.troubledPeers.map(peerRow),
    ...tracked.failures.alike
      .filter((alike) => needsPerson(alike) && alike.kind !== 'request')
      .map(hopelessRow),
    ...delegateRows(tracked),
    ...tracked.failures.alike.filter(({ kind }) => kind === 'request').map(requestRow),
    ...bucketRows(tracked),
    ...unseenRows(unseen),
  ]
  return block(told, [
    ...(tracked.failing === null ? [] : [runsRow(tracked.failing, runUrl)]),
    ...fitting(rows),
  ])
}

/** A body of which only that is changed; `undefined` where the part is not found. */
export function withRuns(
  body: string,
  told: Told,
  failing: FailingRuns | null,
  runUrl: string,
): string | undefined {
  const [from, to] = [body.indexOf(start), body.indexOf(end)]
  if (from === -1 || to < from) return undefined
  const lines = body.slice(from, to).split(/\r?\n/)
  const rows = lines.filter(
    (line) => line.startsWith('| ') && !head.includes(line) && !line.includes(runsMark),
  )
  const now = block(told, [...(failing === null ? [] : [runsRow(failing, runUrl)]), ...rows])
  return body.slice(0, from) + now + body.slice(to + end.length)
}

function block(told: Told, rows: readonly string[]): string {
  const needs = rows.length === 0 ? [] : ['### Needs you', [...head, ...rows].join('\n')]
  return [start, headline(told), ...needs, end].join('\n\n')
}

function headline({ runs, counts }: Told): string {
  const { broken, never, later, delegate, request, doubt, peer, bucket } = counts
  const parts = [
    runs > 0 && `${number(runs)} ${runs === 1 ? 'run' : 'runs in a row'} ended with an error`,
    doubt > 0 && `${count(doubt, 'finding')} ${are(doubt)} not believed yet`,
    peer > 0 && `${count(peer, 'peer')} of the cluster ${has(peer)} trouble`,
    broken > 0 && `${count(broken, 'pinned CID')} ${are(broken)} broken on the node`,
    never > 0 && `${count(never, 'CID')} can never be pinned`,
    later > 0 &&
      `${number(later)}${never > 0 ? '' : later === 1 ? ' CID' : ' CIDs'} ${later === 1 ? 'fails' : 'fail'} for now`,
    delegate > 0 && `${count(delegate, 'delegate')} ${are(delegate)} new`,
    request > 0 && `${count(request, 'upload')} ${were(request)} given up by the service`,
    bucket > 0 && `${count(bucket, 'bucket')} of the account ${are(bucket)} not mirrored`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? 'Nothing is left.' : `**${parts.join(', ')}.**`
}

const are = (value: number) => (value === 1 ? 'is' : 'are')
const were = (value: number) => (value === 1 ? 'was' : 'were')
const has = (value: number) => (value === 1 ? 'has' : 'have')

function runsRow(failing: FailingRuns, runUrl: string): string {
  const { runs, since } = failing
  return tableRow([
    `${number(runs)}${runsMark}`,
    `${runs === 1 ? 'run ended with an error, and of those before it nothing is known:' : 'runs in a row ended with an error, the last with'}<br>${lastErrors(failing)}`,
    minute(since),
    `See the [last run](${runUrl}).`,
  ])
}

function doubtRow({ where, message, short }: Tracked['doubts'][number]): string {
  const what = short === undefined ? code(where, 120) : prose(short, 300)
  return tableRow([
    '1',
    `${what}: not believed yet`,
    '',
    `${prose(message)}${/[.?!]$/.test(message) ? '' : '.'}`,
  ])
}

function peerRow({ peerId, name, trouble, since }: Tracked['troubledPeers'][number]): string {
  const shown = name === '' ? code(peerId) : `${code(name, 60)} (${code(peerId)})`
  return tableRow([
    '1',
    `peer of the cluster in trouble: ${shown}: ${code(trouble, 200)}`,
    minute(since),
    'Bring it back: what is to be on it has a copy less until then, and no CID is blamed. Was it taken out for good? A run by hand with `full-listing: true` forgets it.',
  ])
}

function hopelessRow(alike: FailedAlike): string {
  return tableRow([
    number(alike.cids),
    `${titleOf(alike)} (${placesIn(alike)})`,
    time(alike.oldest),
    reasonWords(alike.class).advice,
  ])
}

function delegateRows({ unknownDelegates }: Tracked): string[] {
  const [first] = unknownDelegates
  if (first === undefined) return []
  return [
    tableRow([
      number(unknownDelegates.length),
      unknownDelegates.length === 1 ? 'delegate is new' : 'delegates are new',
      minute(first.firstSeenAt),
      'Make them known with the lines below: pins through them may stop arriving.',
    ]),
  ]
}

function requestRow(alike: FailedAlike): string {
  return tableRow([
    number(alike.cids),
    `${alike.cids === 1 ? 'upload' : 'uploads'} given up: ${titleOf(alike)} (${placesIn(alike)})`,
    time(alike.oldest),
    'A backup never writes to the service: upload them again there, or delete the requests.',
  ])
}

function bucketRows({ unmirrored }: Tracked): string[] {
  if (unmirrored.length === 0) return []
  const [are, them] = unmirrored.length === 1 ? ['bucket is', 'it'] : ['buckets are', 'them']
  return [
    tableRow([
      number(unmirrored.length),
      `${are} not mirrored: ${bucketNames(unmirrored)}`,
      '',
      `Add ${them} to \`buckets\`, or to \`ignore-buckets\`.`,
    ]),
  ]
}

function unseenRows(unseen: Unseen): string[] {
  const counts = countsOfUnseen(unseen)
  return kinds
    .filter((kind) => counts[kind] > 0)
    .map((kind) =>
      tableRow([
        number(counts[kind]),
        `${nouns[kind]}, as told before: the last run did not see everything, nor these`,
        '',
        'They stay here until a run sees everything.',
      ]),
    )
}

/** As many as there is room for. */
function fitting(rows: readonly string[]): string[] {
  const shown: string[] = []
  let room = mostRoom
  for (const row of rows) {
    room -= Buffer.byteLength(row) + 1
    if (room < 0) break
    shown.push(row)
  }
  const left = rows.length - shown.length
  return left === 0 ? shown : [...shown, tableRow([number(left), 'more, too many to show here', '', ''])]
}
