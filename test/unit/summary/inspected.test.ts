import fc from 'fast-check'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { expect, test } from 'vitest'
import type { InspectedRequest, InspectReport } from '../../../src/report/inspect-report.ts'
import type { Report } from '../../../src/report/report.ts'
import { addInspected } from '../../../src/summary/sections/inspected.ts'
import { Page } from '../../../src/text/page.ts'
import { failure, hostileTexts, knownDelegate, report, unknownDelegate } from '../report/samples.ts'

function render(
  inspected: readonly InspectReport[],
  { limit = 900_000, ...over }: Partial<Report> & { readonly limit?: number } = {},
): string {
  const page = new Page(limit, 2000)
  addInspected(page, report({ inspect: inspected, ...over }))
  return page.toString()
}

const request = (over: Partial<InspectedRequest> = {}): InspectedRequest => ({
  bucket: 'photos',
  requestid: 'cmVxdWVzdC0x',
  status: 'pinned',
  created: '2026-11-20T08:13:20.000Z',
  cid: failure(1).cid,
  name: 'photo',
  meta: null,
  delegates: [],
  reason: null,
  ...over,
})

const inspected = (over: Partial<InspectReport> = {}): InspectReport => ({
  cid: failure(1).cid,
  valid: true,
  node: {
    pinned: { type: 'recursive', name: 'photo', reason: null },
    size: { isWhole: true, bytes: 4295, blocks: 5, reason: null },
    providers: { peers: [{ peerId: knownDelegate.peerId, addrs: [] }], reason: null },
  },
  service: [],
  unanswered: [],
  cut: [],
  delegates: [],
  ...over,
})

test('nothing inspected, nothing said', () => {
  expect(render([])).toBe('')
})

test('a CID that both sides have', () => {
  const summary = render([
    inspected({
      service: [request({ meta: { app: 'x', owner: 'y' }, delegates: knownDelegate.addrs }), request()],
      delegates: [
        { peerId: knownDelegate.peerId, known: true, connected: true },
        { peerId: unknownDelegate.peerId, known: false, connected: false },
      ],
    }),
  ])
  for (const part of [
    '✅ Pinned in <code>photos</code>, and pinned on the node.',
    `### <code>${failure(1).cid}</code>`,
    '- On the node: pinned recursively, as <code>photo</code>.',
    '- In its store: all of it, 4,295 bytes in 5 blocks.',
    `- Provided by <code>${knownDelegate.peerId}</code>.`,
    `<code>${knownDelegate.peerId}</code> (known, connected), <code>${unknownDelegate.peerId}</code> (**unknown**, not connected)`,
    '| <code>photos</code> | pinned |\n| --- | :-- |\n| Name | <code>photo</code> |\n| Requested | 2026-11-20 08:13 UTC |',
    '| Request | <code>cmVxdWVzdC0x</code> |\n| Metadata | <code>app&#58; x</code><br><code>owner&#58; y</code> |',
  ])
    expect(summary).toContain(part)
})

const nowhere: Pick<InspectReport, 'node'> = {
  node: { pinned: { type: 'none', name: null, reason: null }, size: null, providers: null },
}
const apart = [{ peerId: unknownDelegate.peerId, known: false, connected: false }]

// Who has it is the sign: both, one, none, or nobody knows.
test.each<[answer: string, next: string, Partial<InspectReport>, Partial<Report>]>([
  [
    '✅ Pinned in <code>photos</code>, and pinned on the node.',
    'nothing is to be done.',
    { service: [request({ status: 'failed' }), request()] },
    {},
  ],
  [
    '⚠️ Pinned in <code>photos</code>, and **not on the node**; its delegate is unknown and not connected.',
    'the next run pins it, unless `ignore` names it or it waits for its next try: a run started by hand tries it at once. If no block comes, make its delegate known in `delegates`.',
    { ...nowhere, service: [request()], delegates: apart },
    {},
  ],
  [
    '⚠️ Pinned in <code>photos</code>, and **not on the node**.',
    'a run with `direction: backup` pins it.',
    { ...nowhere, service: [request()] },
    { direction: 'update' },
  ],
  [
    '⚠️ On the way to Filebase, and **not on the node**.',
    'wait: Filebase is still at work on it.',
    { ...nowhere, service: [request({ status: 'pinning' })] },
    {},
  ],
  [
    '❌ Given up by Filebase, and **not on the node**.',
    'upload it again, or delete the request at Filebase: neither side has it.',
    { ...nowhere, service: [request({ status: 'failed' })] },
    {},
  ],
  [
    '❌ Not at Filebase, and **not on the node**.',
    'check the CID, and the buckets in `buckets`: neither side knows it.',
    nowhere,
    {},
  ],
  [
    '⚠️ Not at Filebase, and pinned on the node.',
    'nothing, if only the node is to have it. A run with `direction: update` asks Filebase for it.',
    {},
    {},
  ],
  [
    '⚠️ Given up by Filebase, and pinned on the node.',
    'the next run asks Filebase for it, unless `ignore` or `only-names` leaves it out.',
    { service: [request({ status: 'failed' })] },
    { direction: 'both' },
  ],
  [
    '❔ Not known to be pinned at Filebase, and it is not known whether the node has it.',
    'inspect it again once the node answers.',
    { node: null, unanswered: ['photos'] },
    {},
  ],
  [
    '❔ Not known to be pinned at Filebase, and pinned on the node.',
    'inspect it again once every bucket answers.',
    { unanswered: ['photos'] },
    {},
  ],
])('the answer comes first, and what to do: %s', (answer, next, over, run) => {
  expect(render([inspected(over)], run).split('\n\n')[1]).toBe(`${answer}<br>**Next:** ${next}`)
})

test('what is not known is not said to be absent', () => {
  const summary = render([inspected({ node: null, unanswered: ['photos'] })])
  expect(summary).toContain('The node did not say')
  expect(summary).toContain('they did not say: <code>photos</code>')
  expect(summary).not.toContain('No bucket has a request')
  expect(render([inspected()])).toContain('No bucket has a request for it.')
})

test('what the node found out in part is told with the reason', () => {
  const reason = 'the node had not found out after 10 s'
  const summary = render([
    inspected({
      node: {
        pinned: { type: 'unknown', name: null, reason },
        size: { isWhole: false, bytes: 1000, blocks: 2, reason },
        providers: { peers: [], reason },
      },
    }),
  ])
  expect(summary).toContain('not known whether it is pinned (<code>the node')
  expect(summary).toContain('at least 1,000 bytes in 2 blocks, not all (<code>')
  expect(summary).toContain('nobody that was found (<code>')
})

test('invalid ones are named', () => {
  const invalid = inspected({ cid: 'not-a-cid', valid: false, node: null })
  const summary = render([invalid, inspected()])
  expect(summary).toContain('**One is no CID:**\n\n- <code>not-a-cid</code>')
  expect(summary).toContain(`### <code>${failure(1).cid}</code>`)
})

test('nothing from outside comes alive', () => {
  const text = fc.constantFrom(...hostileTexts)
  fc.assert(
    fc.property(text, text, text, (one, two, three) => {
      const unknown = { type: 'unknown', name: one, reason: three } as const
      const summary = render([
        inspected({ cid: one, valid: false, node: null }),
        inspected({
          cid: two,
          node: {
            pinned: unknown,
            size: { isWhole: false, bytes: 1, blocks: 1, reason: one },
            providers: { peers: [{ peerId: two, addrs: [three] }], reason: three },
          },
          service: [
            request({ bucket: one, requestid: two, name: three, meta: { [one]: two }, reason: three }),
            request({ delegates: [one, two, three], created: one, status: 'failed', reason: two }),
          ],
          unanswered: [three],
          cut: [one],
          delegates: [{ peerId: three, known: false, connected: null }],
        }),
        ...(['recursive', 'indirect', 'direct'] as const).map((type) =>
          inspected({
            node: { pinned: { ...unknown, type }, size: null, providers: null },
          }),
        ),
      ])
      const html = micromark(summary, {
        allowDangerousHtml: true,
        extensions: [gfm()],
        htmlExtensions: [gfmHtml()],
      })
      const ours = /^<\/?(h3|p|ul|li|strong|code|br|wbr|table|thead|tbody|tr|th|td|(th|td) align="left")>$/
      expect((html.match(/<[^>]*>/g) ?? []).filter((tag) => !ours.test(tag))).toEqual([])
      // Every row has as many cells as its head.
      const rows = html.split('<tr>').slice(1)
      expect(new Set(rows.map((row) => row.match(/<t[hd][ >]/g)?.length))).toEqual(new Set([2]))
      expect(html.match(/<table>/g)).toHaveLength(2)
    }),
    { numRuns: 100 },
  )
})

test('keeps within the page and says how much it leaves out', () => {
  const worst = '|'.repeat(1000)
  const hostile = request({
    bucket: worst,
    requestid: worst,
    name: worst,
    reason: worst,
    meta: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${index}${worst}`, worst])),
    delegates: Array.from({ length: 20 }, () => worst),
  })
  const one = inspected({
    cid: worst,
    service: Array.from({ length: 1000 }, () => hostile),
    delegates: Array.from({ length: 500 }, () => ({ peerId: worst, known: false, connected: true })),
  })
  const many = Array.from({ length: 400 }, () => one)
  expect(Buffer.byteLength(render(many))).toBeLessThan(900_000)
  expect(render(many)).toMatch(/…and 3\d\d CIDs more/)
  expect(render([one])).toContain('…and 980 more.')
  expect(Buffer.byteLength(render(many, { limit: 30_000 }))).toBeLessThan(30_000)
})
