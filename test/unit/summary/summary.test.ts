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

const summaryOf = (over: Partial<Report>) => renderSummary(report(over), { issue: null })
const backup = (over: object) => ({
  missing: 0,
  ignored: 0,
  resting: 0,
  pinned: [],
  failed: [],
  pending: [],
  ...over,
})
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

const storage = { missing: 7e8, unknown: 0, room: 3e9, fetched: 4e8, stoppedBy: null }

const run = (over: Partial<Report['history'][number]> = {}) => ({
  startedAt: '2026-11-22T17:03:31.000Z',
  conclusion: 'ok' as const,
  cids: 6000,
  onNode: 6000,
  missing: 0,
  failed: 0,
  ...over,
})

describe('the headline', () => {
  const error = (message: string, short?: string) => ({
    where: 'node',
    message,
    ...(short !== undefined && { short }),
  })
  const cases: [string, Partial<Report>][] = [
    ['Up to date: the node has all that Filebase has pinned', {}],
    ['Up to date: the node has all 6,000 CIDs pinned in 1 bucket', { history: [run()] }],
    ['Up to date: the node has all that Filebase has pinned', { history: [run({ onNode: 5999 })] }],
    [
      '2 CIDs inspected: the node pins 0, and of 2 it is not known',
      { backup: null, inspect: [inspected(1), inspected(2)] },
    ],
    [
      'Up to date: the node and Filebase have all of each other',
      { direction: 'both', update: { ...backup({}), unsent: [] } },
    ],
    ['1 CID was pinned; nothing is missing', { backup: backup({ missing: 1, pinned: entries(1) }) }],
    [
      '2 CIDs were pinned; 1 could not be',
      { conclusion: 'failed-pins', backup: backup({ missing: 3, pinned: entries(2), failed: entries(1) }) },
    ],
    [
      '1 CID could not be pinned',
      { conclusion: 'failed-pins', backup: backup({ missing: 1, failed: entries(1) }) },
    ],
    [
      '3 CIDs wait for their next try',
      { conclusion: 'failed-pins', backup: backup({ missing: 3, failed: entries(3), resting: 3 }) },
    ],
    [
      '2 CIDs were pinned; 1 could not be; 3 wait for their next try',
      {
        conclusion: 'failed-pins',
        backup: backup({ missing: 6, pinned: entries(2), failed: entries(4), resting: 3 }),
      },
    ],
    ['Nothing to pin; CIDs that failed before are not in this listing', { conclusion: 'failed-pins' }],
    [
      'Time ran out: 2 CIDs were pinned, 1,000 are left for the next run',
      {
        conclusion: 'out-of-time',
        backup: backup({ missing: 1003, pinned: entries(2), failed: entries(1) }),
      },
    ],
    ['Time ran out before everything was listed: nothing was pinned yet', { conclusion: 'out-of-time' }],
    [
      '`max-bytes` is used up: 2 CIDs were pinned, 1 is left for the next run',
      {
        conclusion: 'out-of-time',
        backup: backup({ missing: 3, pinned: entries(2), pending: entries(1) }),
        storage: { ...storage, stoppedBy: 'max-bytes' },
      },
    ],
    ['The node does not answer', { conclusion: 'error', errors: [error('x', 'the node does not answer')] }],
    [
      'The node does not answer, and 2 more errors',
      { conclusion: 'error', errors: [error('x', 'the node does not answer'), error('y'), error('z')] },
    ],
    [
      '`buckets` is empty',
      { conclusion: 'error', errors: [error('`buckets` is empty: is its secret set?')] },
    ],
    [
      'Cancelled after 2 CIDs were pinned',
      { conclusion: 'cancelled', backup: backup({ pinned: entries(2) }) },
    ],
    [
      'Cancelled before anything was pinned',
      { conclusion: 'cancelled', backup: null, node: null, buckets: [] },
    ],
    [
      'Dry run: 4 CIDs would be pinned on the node',
      { dryRun: true, backup: backup({ missing: 4, pending: entries(4) }) },
    ],
    [
      'Dry run: 4 CIDs would be pinned on the node, 2 would wait for their next try',
      { dryRun: true, backup: backup({ missing: 6, failed: entries(2), resting: 2, pending: entries(4) }) },
    ],
    ['Dry run: nothing is missing', { dryRun: true }],
    [
      'Dry run: The node does not answer',
      { dryRun: true, conclusion: 'error', backup: null, errors: [error('x', 'the node does not answer')] },
    ],
    [
      '20 requests vanished from `photos` since the last run',
      { buckets: [bucket({ listing: { ...bucket().listing, vanished: 20 } })] },
    ],
  ]
  test.each(cases)('%s', (expected, over) => {
    expect(headline(report(over))).toBe(expected)
  })

  test('a name in it is code in the summary, whatever it is', () => {
    const listing = { ...bucket().listing, vanished: 20 }
    const summary = summaryOf({ buckets: [bucket({ name: 'a@b/#1', listing })] })
    expect(summary).toContain(
      '## ⚠️ 20 requests vanished from <code>a<wbr>&#64;b/&#35;1</code> since the last run\n',
    )
  })
})

test('a quiet run is told in a few lines, without anything to do', () => {
  const summary = summaryOf({
    history: [run(), run()],
    buckets: [bucket({ onNode: 12_345, requests: { queued: 0, pinning: 0, pinned: 12_345, failed: 0 } })],
  })
  expect(summary.split('\n\n').slice(0, 3)).toEqual([
    '## ✅ Up to date: the node has all 6,000 CIDs pinned in 1 bucket',
    `\`${'█'.repeat(24)}\` **100%** of 6,000 CIDs are on the node`,
    '<sub>Backup · 22 Nov 2026, 17:03 UTC · 3 min 4 s · Kubo <code>0&#46;42&#46;0</code>, 12,400 pins · last 2 runs ✅✅</sub>',
  ])
  expect(summary).not.toMatch(/^### /m)
  expect(summary).toContain(
    '| Bucket | On the node |\n| --- | --- |\n| ✅&nbsp;<code>photos</code> | all 12,345 |\n',
  )
})

test('what was fetched is a fact of the run, and how much there is of all of it is among the details', () => {
  const summary = summaryOf({ storage })
  expect(summary).toContain('12,400 pins · 400 MB fetched')
  expect(summary).toContain('<details><summary>400 MB fetched · ')
  expect(summary).toContain(
    '#### Disk and money\n\nMissing: up to 700 MB · room beyond `keep-free`: 3 GB · fetched: 400 MB\n',
  )
  const quiet = summaryOf({ storage: { ...storage, fetched: 0 } })
  expect(quiet).toContain('<details><summary>up to 700 MB missing · ')
  expect(quiet.split('#### Disk')[0]).not.toContain('fetched')
  expect(summaryOf({})).not.toContain('Disk and money')
})

test('what max-bytes leaves is not a matter of time', () => {
  const over: Partial<Report> = {
    conclusion: 'out-of-time',
    backup: backup({ missing: 3, pinned: entries(2), pending: entries(1) }),
  }
  const later = (stoppedBy: 'max-bytes' | null) =>
    summaryOf({ ...over, storage: { ...storage, stoppedBy } }).match(/^- Goes on .*$/m)?.[0]
  expect(later('max-bytes')).toBe(
    '- Goes on with 1 CID in the next run. If it falls behind, raise `max-bytes`, or run more often.',
  )
  expect(later(null)).toBe(
    '- Goes on with 1 CID in the next run. If time runs out often, raise `time-limit` and the job’s `timeout-minutes`, or run more often.',
  )
})

test('since when all is well is said by a run that ends well', () => {
  const past = { history: [run(), run()], inStepSince: '2026-11-20T19:33:00Z' }
  expect(summaryOf(past)).toContain('up to date since 20 Nov 2026, 19:33 UTC')
  expect(summaryOf({ ...past, conclusion: 'cancelled' })).not.toContain('up to date since')
})

test('the bar is rounded down, and says how it was', () => {
  const share = (onNode: number, before: number) =>
    summaryOf({ history: [run({ onNode: before }), run({ onNode })] }).split('\n\n')[1]
  expect(share(5999, 3000)).toBe(
    `\`${'█'.repeat(23)}▓\` **99.9%** of 6,000 CIDs are on the node · last run 50.0%`,
  )
  expect(share(0, 0)).toBe(`\`${'░'.repeat(24)}\` **0.0%** of 6,000 CIDs are on the node`)
})

test('a busy run shows all that it met', () => {
  const issue = { url: 'https://github.com/o/r/issues/3', number: 3 }
  const summary = renderSummary(busyReport(), { issue })
  for (const part of [
    '[tracking issue #3](https://github.com/o/r/issues/3)',
    '**312 CIDs were pinned** on the node; **3 could not be** (1 of them never will).',
    '**2 CIDs were pinned** at Filebase; **2 are on the way** to Filebase; **5 were not sent**.',
    '1. **Make 1 new delegate known.**',
    '1. **Check 1 delegate that did not answer.**',
    '1. **Give up 1 CID, or mend it.** Trying again will not help: 1 in <code>photos</code> (“The content is broken”).',
    '1. **Upload 1 CID again, or delete its request.**',
    '1. **Delete 1 request that cannot be read.**',
    '- Tries the other 2 CIDs again from 20:00 UTC on',
    '### Failed: 3 CIDs, for 2 reasons',
    '<details><summary><b>1 failed on the node · The content is broken.</b> <code>photos</code> 1 · ⛔ trying again will not help</summary>',
    '<details><summary><b>2 failed on the node · Stalled.</b> <code>photos</code> 2 · 🔁 tried again from 20:00 UTC on</summary>',
    '| ⚠️&nbsp;<code>documents</code> | **12,338** of 12,345 | | 1,512 requests vanished, 1 failed at Filebase, 1 cannot be read, 3 still on the way at Filebase |',
    '### New delegates: 1',
    '312 pinned on the node · 2 pinned at Filebase · 2 on the way to Filebase · 5 not sent · 57 only on the node · 1 of 2 delegates connected · 42 HTTP requests to Filebase',
    '…and 112 more.',
    '167 rows left out here',
  ])
    expect(summary.replaceAll('|  |', '| |')).toContain(part)
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
  [
    'an error, by what there is to do',
    { conclusion: 'error', errors: [{ where: 'node', message: 'it is off', todo: 'Start it' }] },
    '1. **Start it.** It is off.',
  ],
  [
    'an error for which nobody knows what to do',
    { conclusion: 'error', errors: [{ where: 'node', message: 'it is off' }] },
    '1. **See to this (node).** It is off.',
  ],
  [
    'errors with the same thing to do, in one',
    {
      conclusion: 'error',
      errors: ['a', 'b'].map((message) => ({ where: 'input', message, todo: 'Do it' })),
    },
    '1. **Do it.**\n   - A.\n   - B.',
  ],
  [
    'a warning that needs somebody',
    { warnings: [{ where: 'origins', message: 'x', todo: 'Set `origins: none`' }] },
    '1. **Set <code>origins&#58; none</code>.** X.',
  ],
])('says what a person has to do after %s', (_, over, todo) => {
  const summary = summaryOf(over)
  expect(summary.split('### What needs you\n\n')[1]?.split('\n\n')[0]).toBe(todo)
  expect(summary).not.toContain('### Warnings')
})

test('nothing from outside comes alive', () => {
  const text = fc.constantFrom(...hostileTexts)
  fc.assert(
    fc.property(text, text, text, (one, two, three) => {
      const entry = {
        ...failure(1),
        cid: one,
        name: two,
        bucket: three,
        reason: one,
        class: `other-${two}` as const,
      }
      const summary = renderSummary(
        report({
          errors: [
            { where: one, message: two },
            { where: one, message: two, short: three, todo: one },
          ],
          warnings: [
            { where: two, message: three },
            { where: two, message: three, todo: two },
          ],
          service: three,
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
        { issue: null },
      )
      const html = micromark(summary, {
        allowDangerousHtml: true,
        extensions: [gfm()],
        htmlExtensions: [gfmHtml()],
      })
      const ours =
        /^<\/?(h2|h3|h4|p|ul|ol|li|strong|b|sub|code|pre|br|wbr|details|summary|table|thead|tbody|tr|th|td|(th|td) align="right")>$/
      expect((html.match(/<[^>]*>/g) ?? []).filter((tag) => !ours.test(tag))).toEqual([])
      // Outside of code GitHub makes links of these.
      const words = html
        .replace(/<(code|pre)>.*?<\/\1>/gs, '')
        .replace(/<[^>]*>/g, ' ')
        .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code))
      expect(words.match(/@\w|#\d|GH-\d|www\.|:\/\/|[\da-f]{40}/)?.input).toBe(undefined)
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
    { issue: null },
  )
  expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024)
  const failed = summary.split('### Failed: 40,000 CIDs')[1]?.split('###')[0] ?? ''
  const blocks = [...failed.matchAll(/<pre>\n(.*?)\n<\/pre>\n\n…and ([\d,]+) more/gs)]
  const shown = blocks.map(([, block = '']) => block.split('\n').length)
  const left = blocks.map(([, , more = '']) => Number(more.replaceAll(',', '')))
  expect(shown.map((n, index) => n + (left[index] ?? 0))).toEqual([20_000, 20_000])
  // The last list still has its count, though there is little room left.
  expect(summary).toContain('#### 20,000 not sent')
})
