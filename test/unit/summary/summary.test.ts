import fc from 'fast-check'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { describe, expect, test } from 'vitest'
import type { Report } from '../../../src/report/report.ts'
import { headline } from '../../../src/summary/headline.ts'
import { renderSummary } from '../../../src/summary/summary.ts'
import {
  bucket,
  busyReport,
  failure,
  hostileTexts,
  knownDelegate,
  report,
  unknownDelegate,
} from '../report/samples.ts'

const summaryOf = (over: Partial<Report>) => renderSummary(report(over), { issueUrl: null })
const backup = (over: object) => ({ missing: 0, ignored: 0, pinned: [], failed: [], pending: [], ...over })
const inspected = (index: number) => ({
  cid: failure(index).cid,
  valid: true,
  node: null,
  service: [],
  unanswered: [],
  cut: [],
  delegates: [],
})
const entries = (count: number) => Array.from({ length: count }, (_, index) => failure(index))

describe('the headline', () => {
  const cases: [string, Partial<Report>][] = [
    ['The node has everything that the service has pinned', {}],
    ['2 CIDs inspected; nothing was changed', { backup: null, inspect: [inspected(1), inspected(2)] }],
    ['The node and the service are in step', { direction: 'both', update: { ...backup({}), unsent: [] } }],
    ['1 CID was pinned; nothing is left to do', { backup: backup({ missing: 1, pinned: entries(1) }) }],
    [
      '2 CIDs were pinned; 1 could not be, and will be tried again',
      { conclusion: 'failed-pins', backup: backup({ missing: 3, pinned: entries(2), failed: entries(1) }) },
    ],
    [
      '1 CID could not be pinned and will be tried again',
      { conclusion: 'failed-pins', backup: backup({ missing: 1, failed: entries(1) }) },
    ],
    [
      'Time ran out: 2 CIDs were pinned, 1,000 are left for the next run',
      {
        conclusion: 'out-of-time',
        backup: backup({ missing: 1003, pinned: entries(2), failed: entries(1) }),
      },
    ],
    ['The run ended with an error', { conclusion: 'error', backup: null, node: null, buckets: [] }],
    [
      'The run was cancelled, after 2 CIDs were pinned',
      { conclusion: 'cancelled', backup: backup({ pinned: entries(2) }) },
    ],
    [
      'Dry run: nothing was changed. 4 CIDs are missing.',
      { dryRun: true, backup: backup({ missing: 4, pending: entries(4) }) },
    ],
    [
      'Dry run: nothing was changed. It ended with an error.',
      { dryRun: true, conclusion: 'error', backup: null },
    ],
  ]
  test.each(cases)('%s', (expected, over) => {
    expect(headline(report(over))).toBe(expected)
  })
})

test('a quiet run is told in a few lines, without advice', () => {
  const summary = summaryOf({})
  expect(summary).toMatch(/^## The node has everything/)
  expect(summary).not.toContain('What to do')
  expect(summary).toContain(
    '| <code>photos</code> | 12,345 | 0 | 3 | 12,340 | 4 | incremental, complete | 4 | 12 | 1 | 2 |',
  )
})

test('a busy run shows all that it met', () => {
  const summary = renderSummary(busyReport(), { issueUrl: 'https://github.com/o/r/issues/3' })
  for (const part of [
    '[tracking issue](https://github.com/o/r/issues/3)',
    '| Backup: service to node | 315 | 312 | 0 | 3 | 2 |  |',
    '| Update: node to service | 9 | 2 | 2 | 0 | 0 | 5 |',
    '### Failed on the node: 3 CIDs',
    '<code>no progress for 2 minutes</code> | 2026-11-20 08:13 | 3 | 2026-11-22 20:00 |',
    '### Unknown delegates: 1',
    '1 of 2 are connected.',
    '### Requests that failed at the service: 1',
    '### Invalid requests: 1',
    '### Only on the node: 57 pins',
    'Pinned on the node: 312 CIDs',
    'Not sent to the service: 5 CIDs',
    '…and 112 more.',
    '112 rows left out here',
  ])
    expect(summary).toContain(part)
})

test('the lines to paste are the whole input: what was known stays known', () => {
  const summary = summaryOf({
    delegates: {
      known: [knownDelegate],
      unknown: [unknownDelegate],
      peered: [],
      saved: null,
      leftOut: { addresses: 0, peers: 0, notPublic: 0 },
    },
  })
  const blocks = summary.matchAll(/<pre>\n(.*?)\n<\/pre>/gs)
  const [lines, entries] = [...blocks].map(([, block = '']) =>
    block.replaceAll(/&#(\d+);/g, (_, digits) => String.fromCharCode(digits)).split('\n'),
  )
  expect(lines).toEqual([
    'delegates: |',
    '  # known so far',
    ...knownDelegate.addrs.map((address) => `  ${address}`),
    '  # new',
    ...unknownDelegate.addrs.map((address) => `  ${address}`),
  ])
  // What `Peering.Peers` of Kubo's config takes.
  expect(JSON.parse(`[${entries?.join('')}]`)).toEqual([
    {
      ID: unknownDelegate.peerId,
      Addrs: unknownDelegate.addrs.map((address) => address.replace(/\/p2p\/.*/, '')),
    },
  ])
})

test.each<[string, Partial<Report>, string]>([
  ['an error', { conclusion: 'error', errors: [{ where: 'node', message: 'x' }] }, '**Errors:**'],
  [
    'an incomplete bucket',
    { buckets: [bucket({ listing: { ...bucket().listing, complete: false } })] },
    'not proved complete',
  ],
  [
    'a drop',
    { buckets: [bucket({ listing: { ...bucket().listing, vanished: 20 } })] },
    '20 requests vanished',
  ],
  ['out of time', { conclusion: 'out-of-time' }, '`time-limit`'],
  ['failed pins', { backup: backup({ failed: entries(2) }) }, '2 CIDs failed on the node'],
  [
    'unknown delegates',
    {
      delegates: {
        known: [],
        unknown: [unknownDelegate],
        peered: [],
        saved: null,
        leftOut: { addresses: 0, peers: 0, notPublic: 0 },
      },
    },
    'The lines to paste are below',
  ],
  ['a dry run', { dryRun: true }, 'run again without `dry-run`'],
  ['unsent', { update: { ...backup({}), unsent: entries(3) } }, '3 CIDs not sent'],
])('says what to do after %s', (_, over, advice) => {
  const summary = summaryOf(over)
  expect(summary.slice(summary.indexOf('### What to do')).split('\n###')[0]).toContain(advice)
})

test('nothing from outside comes alive', () => {
  const text = fc.constantFrom(...hostileTexts)
  fc.assert(
    fc.property(text, text, text, (one, two, three) => {
      const entry = { ...failure(1), cid: one, name: two, bucket: three, reason: one }
      const summary = renderSummary(
        report({
          errors: [{ where: one, message: two }],
          warnings: [{ where: two, message: three }],
          backup: backup({ pinned: [entry], failed: [entry], pending: [entry] }),
          update: { ...backup({ failed: [entry] }), unsent: [entry] },
          node: {
            kind: 'kubo',
            version: one,
            peerId: two,
            pins: 1,
            believed: true,
            onlyHere: 1,
            onlyHereProved: true,
            onlyHereExamples: [three],
            peers: null,
            replication: null,
          },
          buckets: [
            bucket({
              name: one,
              invalid: [{ requestid: two, cid: three, problem: 'pin.cid: is no CID' }],
              failedRequests: [
                { requestid: one, cid: two, name: three, reason: one, class: 'other-x', created: two },
              ],
              listing: { ...bucket().listing, notes: [two] },
            }),
          ],
          delegates: {
            known: [{ peerId: one, addrs: [two], otherAddrs: [three] }],
            unknown: [
              {
                peerId: one,
                addrs: [two, three],
                firstSeenAt: three,
                lastSeenAt: three,
                exampleCid: one,
                buckets: [two],
              },
            ],
            peered: [{ peerId: two, connected: false, reason: three, answered: false }],
            saved: { isWritten: true, added: 1, extended: 1, removed: 1 },
            leftOut: { addresses: 0, peers: 0, notPublic: 0 },
          },
        }),
        { issueUrl: null },
      )
      const html = micromark(summary, {
        allowDangerousHtml: true,
        extensions: [gfm()],
        htmlExtensions: [gfmHtml()],
      })
      const ours =
        /^<\/?(h2|h3|p|ul|li|strong|code|pre|br|wbr|details|summary|table|thead|tbody|tr|th|td|(th|td) align="right")>$/
      expect((html.match(/<[^>]*>/g) ?? []).filter((tag) => !ours.test(tag))).toEqual([])
      // Every row has as many cells as its head.
      for (const table of html.split('<table>').slice(1)) {
        const cells = table
          .split('<tr>')
          .slice(1)
          .map((row) => row.match(/<t[hd][ >]/g)?.length)
        expect(new Set(cells).size).toBe(1)
      }
    }),
    { numRuns: 50 },
  )
})

test('stays under 1 MiB and counts what it leaves out', () => {
  const worst = '|'.repeat(1000)
  const many = Array.from({ length: 20_000 }, (_, index) => ({
    ...failure(index),
    cid: worst,
    name: worst,
    bucket: worst,
    reason: worst,
  }))
  const delegate = {
    peerId: worst,
    addrs: Array(50).fill(worst),
    firstSeenAt: worst,
    lastSeenAt: worst,
    otherAddrs: Array(50).fill(worst),
    exampleCid: worst,
    buckets: Array(50).fill(worst),
  }
  const summary = renderSummary(
    report({
      errors: Array(2_000).fill({ where: worst, message: `${worst}\n`.repeat(10) }),
      warnings: Array(2_000).fill({ where: worst, message: worst }),
      backup: backup({ missing: 60_000, pinned: many, failed: many, pending: many }),
      update: { ...backup({ pinned: many, failed: many, pending: many }), unsent: many },
      buckets: Array(300).fill(
        bucket({
          name: worst,
          invalid: Array(100).fill({ requestid: worst, cid: worst, problem: worst }),
          listing: { ...bucket().listing, notes: Array(20).fill(worst) },
        }),
      ),
      delegates: {
        known: Array(500).fill(delegate),
        unknown: Array(500).fill(delegate),
        peered: [],
        saved: null,
        leftOut: { addresses: 0, peers: 0, notPublic: 0 },
      },
    }),
    { issueUrl: null },
  )
  expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024)
  const failedOnNode = summary.split('### Failed on the node: 20,000 CIDs')[1]?.split('###')[0] ?? ''
  const shown = failedOnNode.split('\n').filter((line) => line.startsWith('| <code>')).length
  const left = Number(/…and ([\d,]+) more/.exec(failedOnNode)?.[1]?.replaceAll(',', ''))
  expect(shown + left).toBe(20_000)
  // The last list still has a heading and its count, though there is little room left.
  expect(summary).toContain('Not sent to the service: 20,000 CIDs')
})
