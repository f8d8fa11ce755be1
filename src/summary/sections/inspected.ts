import type { HowPinned, LocalSize, Providers } from '../../node/node.ts'
import type {
  InspectedDelegate,
  InspectedNode,
  InspectedRequest,
  InspectReport,
} from '../../report/inspect-report.ts'
import type { Report } from '../../report/report.ts'
import { code, prose } from '../../text/escape.ts'
import { count, number } from '../../text/numbers.ts'
import { minute, type Page, tableRow } from '../../text/page.ts'
import { someOf } from '../some-of.ts'
import { answerOf } from './answer.ts'

/** What a page shows; the JSON report has all of it. */
const most = { cids: 50, requests: 20, invalid: 50, delegates: 20, inCell: 3, sentence: 5, buckets: 10 }

/** What the service and the node know of each CID: the answer in one sentence, some facts, and a table a request. */
export function addInspected(page: Page, { inspect: inspected, service, direction }: Report): void {
  if (inspected.length === 0) return
  const name = prose(service)
  const valid = inspected.filter(({ valid }) => valid)
  addInvalid(page, inspected)
  let shown = 0
  for (const one of valid.slice(0, most.cids)) {
    if (!page.tryAdd(`### ${code(one.cid)}\n\n${answerOf(one, name, direction)}\n\n${facts(one).join('\n')}`))
      break
    addRequests(page, one)
    shown++
  }
  const left = valid.length - shown
  if (left > 0) page.add(`…and ${count(left, 'CID')} more, which only the JSON report has.`)
}

function addInvalid(page: Page, inspected: readonly InspectReport[]): void {
  const invalid = inspected.filter(({ valid }) => !valid)
  if (invalid.length === 0) return
  page.add(`**${invalid.length === 1 ? 'One is no CID' : `${number(invalid.length)} are no CIDs`}:**`)
  page.list({ rows: invalid, row: ({ cid }) => `- ${code(cid)}`, most: most.invalid })
}

function facts({ node, service, unanswered, cut, delegates }: InspectReport): string[] {
  const lines = node === null ? ['The node did not say what it knows of it.'] : ofNode(node)
  if (service.length === 0 && unanswered.length === 0) lines.push('No bucket has a request for it.')
  if (unanswered.length > 0) lines.push(`Not known, for they did not say: ${some(unanswered, most.buckets)}.`)
  if (cut.length > 0)
    lines.push(`May have more requests for it than one answer holds: ${some(cut, most.buckets)}.`)
  if (delegates.length > 0) lines.push(`Delegates: ${someOf(delegates, most.delegates, delegate)}.`)
  return lines.map((line) => `- ${line}`)
}

function ofNode({ pinned, size, providers }: InspectedNode): string[] {
  return [
    `On the node: ${pin(pinned)}.`,
    ...(size === null ? [] : [`In its store: ${stored(size)}.`]),
    ...(providers === null ? [] : [`Provided by ${provided(providers)}.`]),
  ]
}

function pin({ type, name, reason }: HowPinned): string {
  const named = name === null ? '' : `, as ${code(name, 80)}`
  if (type === 'recursive') return `pinned recursively${named}`
  if (type === 'direct') return `its first block alone is pinned (a direct pin)${named}`
  if (type === 'indirect') return 'part of what is pinned'
  if (type === 'none') return `not pinned${because(reason)}`
  return `not known whether it is pinned${because(reason)}`
}

function stored({ isWhole, bytes, blocks, reason }: LocalSize): string {
  const much = `${count(bytes, 'byte')} in ${count(blocks, 'block')}`
  if (isWhole) return `all of it, ${much}`
  return `${blocks === 0 ? 'nothing that was found' : `at least ${much}, not all`}${because(reason)}`
}

function provided({ peers, reason }: Providers): string {
  const found =
    peers.length === 0 ? 'nobody that was found' : someOf(peers, most.sentence, ({ peerId }) => code(peerId))
  return `${found}${because(reason)}`
}

function because(reason: string | null): string {
  return reason === null ? '' : ` (${code(reason, 200)})`
}

function delegate({ peerId, known, connected }: InspectedDelegate): string {
  const contact = connected === null ? '' : connected ? ', connected' : ', not connected'
  return `${code(peerId)} (${known ? 'known' : '**unknown**'}${contact})`
}

/** Two columns each, both from the left, so that they can be read on any screen. */
function addRequests(page: Page, { cid, service: requests }: InspectReport): void {
  page.list({
    rows: requests,
    row: (request) =>
      [
        tableRow([code(request.bucket, 60), request.status]),
        '| --- | :-- |',
        ...requestRows(request, cid),
        '',
      ].join('\n'),
    most: most.requests,
  })
}

function requestRows(
  { created, name, cid, requestid, meta, delegates, reason }: InspectedRequest,
  asked: string,
): string[] {
  const entries = Object.entries(meta ?? {})
  const rows: readonly (readonly [string, string])[] = [
    ['Why', reason === null ? '' : code(reason, 200)],
    ['Name', name === null ? '' : code(name, 80)],
    ['Requested', `${minute(created)} UTC`],
    ['CID there', cid === asked ? '' : code(cid)],
    ['Request', code(requestid, 80)],
    ['Metadata', someOf(entries, most.inCell, ([key, value]) => code(`${key}: ${value}`, 80), '<br>')],
    ['Delegates', someOf(delegates, most.inCell, (address) => code(address, 200), '<br>')],
  ]
  return rows.filter(([, value]) => value !== '').map(tableRow)
}

const some = (texts: readonly string[], upTo: number) => someOf(texts, upTo, (text) => code(text, 60))
