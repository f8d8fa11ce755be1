import fc from 'fast-check'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { describe, expect, test } from 'vitest'
import type { BucketReport, Report } from '../../../src/report/report.ts'
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
  doubted: false,
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
  const sent = (over: object) => ({ ...backup({}), unsent: [], ...over })
  const all = { atService: 6000, onNode: 6000, onBoth: 6000 }
  const cases: [string, Partial<Report>][] = [
    ['Up to date: the node has all that Filebase has pinned', {}],
    ['Up to date: the node has all 6,000 CIDs pinned in 1 bucket', { standing: all }],
    ['Up to date: the node has all that Filebase has pinned', { standing: { ...all, onBoth: 5999 } }],
    [
      'Up to date: Filebase has all that the node has pinned',
      { direction: 'update', backup: null, update: sent({}) },
    ],
    [
      '2 CIDs inspected: the node pins 0, Filebase 0, and of 2 not all is known',
      { backup: null, inspect: [inspected(1), inspected(2)] },
    ],
    ['Up to date: the node and Filebase have all of each other', { direction: 'both', update: sent({}) }],
    [
      '1 CID was pinned on the node; nothing is missing',
      { backup: backup({ missing: 1, pinned: entries(1) }) },
    ],
    [
      '1 CID was pinned at Filebase; nothing is missing',
      { direction: 'update', backup: null, update: sent({ missing: 1, pinned: entries(1) }) },
    ],
    [
      '2 CIDs were pinned on the node, 1 at Filebase; nothing is missing',
      {
        direction: 'both',
        backup: backup({ missing: 2, pinned: entries(2) }),
        update: sent({ missing: 1, pinned: entries(1) }),
      },
    ],
    [
      '2 CIDs were pinned at Filebase; 1 is on the way; 2 are not sent',
      {
        direction: 'update',
        backup: null,
        update: sent({ missing: 5, pinned: entries(2), pending: entries(1), unsent: entries(2) }),
      },
    ],
    [
      '2 CIDs are on the way to Filebase',
      { direction: 'update', backup: null, update: sent({ missing: 2, pending: entries(2) }) },
    ],
    [
      '1 CID is not sent',
      { direction: 'update', backup: null, update: sent({ missing: 1, unsent: entries(1) }) },
    ],
    [
      '2 CIDs were pinned on the node; 1 could not be',
      { conclusion: 'failed-pins', backup: backup({ missing: 3, pinned: entries(2), failed: entries(1) }) },
    ],
    [
      '1 CID could not be pinned on the node',
      { conclusion: 'failed-pins', backup: backup({ missing: 1, failed: entries(1) }) },
    ],
    [
      '2 CIDs were pinned on the node; 1 CID could not be pinned at Filebase; 3 are on the way',
      {
        conclusion: 'failed-pins',
        direction: 'both',
        backup: backup({ missing: 2, pinned: entries(2) }),
        update: sent({ missing: 4, failed: entries(1), pending: entries(3) }),
      },
    ],
    [
      '3 CIDs wait for their next try',
      { conclusion: 'failed-pins', backup: backup({ missing: 3, failed: entries(3), resting: 3 }) },
    ],
    [
      '2 CIDs were pinned on the node; 1 could not be; 3 wait for their next try',
      {
        conclusion: 'failed-pins',
        backup: backup({ missing: 6, pinned: entries(2), failed: entries(4), resting: 3 }),
      },
    ],
    ['Nothing to pin; CIDs that failed before are not in this listing', { conclusion: 'failed-pins' }],
    [
      '2 CIDs are on the way to Filebase; others that failed before are not in this listing',
      {
        conclusion: 'failed-pins',
        direction: 'update',
        backup: null,
        update: sent({ missing: 2, pending: entries(2) }),
      },
    ],
    [
      'Time ran out: 2 CIDs were pinned on the node, 1,000 are left for the next run',
      {
        conclusion: 'out-of-time',
        leftBy: ['time-limit'],
        backup: backup({ missing: 1003, pinned: entries(2), failed: entries(1) }),
      },
    ],
    ['Time ran out before everything was listed: nothing was pinned yet', { conclusion: 'out-of-time' }],
    [
      '`max-bytes` is used up: 2 CIDs were pinned on the node, 1 is left for the next run',
      {
        conclusion: 'out-of-time',
        leftBy: ['max-bytes'],
        backup: backup({ missing: 3, pinned: entries(2), pending: entries(1) }),
      },
    ],
    [
      'Time ran out and `max-bytes` is used up: 2 CIDs were pinned on the node, 4 are left for the next run',
      {
        conclusion: 'out-of-time',
        direction: 'both',
        leftBy: ['time-limit', 'max-bytes'],
        backup: backup({ missing: 3, pinned: entries(2), pending: entries(1) }),
        update: sent({ missing: 3, unsent: entries(3) }),
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
      'Cancelled after 2 CIDs were pinned on the node',
      { conclusion: 'cancelled', backup: backup({ pinned: entries(2) }) },
    ],
    [
      'Cancelled before anything was pinned',
      { conclusion: 'cancelled', backup: null, node: null, buckets: [] },
    ],
    [
      'Dry run: would pin 4 CIDs on the node',
      { dryRun: true, backup: backup({ missing: 4, pending: entries(4) }) },
    ],
    [
      'Dry run: would pin 4 CIDs on the node and send 1 to Filebase',
      {
        dryRun: true,
        backup: backup({ missing: 6, failed: entries(2), resting: 2, pending: entries(4) }),
        update: sent({ missing: 1, unsent: entries(1) }),
      },
    ],
    [
      'Dry run: nothing would be done; 2 CIDs wait for their next try',
      { dryRun: true, backup: backup({ missing: 2, failed: entries(2), resting: 2 }) },
    ],
    ['Dry run: nothing is missing', { dryRun: true }],
    [
      'Dry run: The node does not answer',
      { dryRun: true, conclusion: 'error', backup: null, errors: [error('x', 'the node does not answer')] },
    ],
    [
      '20 requests vanished from `photos`, and are not taken for deleted yet',
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
      '## ⚠️ 20 requests vanished from <code>a<wbr>&#64;b/&#35;1</code>, and are not taken for deleted yet\n',
    )
  })
})

test('a quiet run is told in a few lines, without anything to do', () => {
  const standing = { atService: 6000, onNode: 6000, onBoth: 6000 }
  const summary = summaryOf({
    history: [run(), run()],
    standing,
    buckets: [bucket({ standing, requests: { queued: 0, pinning: 0, pinned: 6000, failed: 0 } })],
  })
  expect(summary.split('\n\n').slice(0, 4)).toEqual([
    '## ✅ Up to date: the node has all 6,000 CIDs pinned in 1 bucket',
    'Nothing needs you.',
    `\`${'█'.repeat(24)}\` **100%** of 6,000 CIDs are on the node`,
    '<sub>Backup · 22 Nov 2026, 17:03 UTC · 3 min 4 s · Kubo <code>0&#46;42&#46;0</code>, 12,400 pins · last 2 runs ✅✅</sub>',
  ])
  expect(summary).not.toMatch(/^### /m)
  expect(summary).toContain(
    '<details><summary>1 bucket is well: the node has all 6,000 CIDs</summary>\n\n| Bucket | On the node |\n| --- | --- |\n| ✅&nbsp;<code>photos</code> | all 6,000 |\n',
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

test.each<[Report['leftBy'], string]>([
  [['max-bytes'], '`max-bytes`'],
  [['time-limit'], '`time-limit` and the job’s `timeout-minutes`'],
  [['time-limit', 'max-bytes'], '`max-bytes`, `time-limit` and the job’s `timeout-minutes`'],
])('what %j leaves: what to raise', (leftBy, inputs) => {
  const summary = summaryOf({
    conclusion: 'out-of-time',
    leftBy,
    backup: backup({ missing: 3, pinned: entries(2), pending: entries(1) }),
  })
  expect(summary.match(/^- Goes on .*$/m)?.[0]).toBe(
    `- Goes on with 1 CID in the next run. If it falls behind, raise ${inputs}, or run more often.`,
  )
})

test('what left work to a later run is told beside an error, too', () => {
  const summary = summaryOf({
    conclusion: 'error',
    errors: [{ where: 'node', message: 'x', short: 'the node has no room for 1 CID' }],
    leftBy: ['time-limit', 'max-bytes', 'keep-free'],
    backup: backup({ missing: 1, pending: entries(1) }),
  })
  expect(summary).toContain('Besides, time ran out and `max-bytes` is used up.')
})

test('since when all is well is said by a run that ends well, and was so before', () => {
  const past = { history: [run(), run()], inStepSince: '2026-11-20T19:33:00Z' }
  expect(summaryOf(past)).toContain('up to date since 20 Nov 2026, 19:33 UTC')
  expect(summaryOf({ ...past, conclusion: 'cancelled' })).not.toContain('up to date since')
  expect(summaryOf({ ...past, inStepSince: report().startedAt })).not.toContain('up to date since')
})

test('the last of the runs has the sign of the headline, also where something is not believed', () => {
  const listing = { ...bucket().listing, vanished: 20 }
  const summary = summaryOf({ history: [run(), run({ doubted: true })], buckets: [bucket({ listing })] })
  expect(summary).toMatch(/^## ⚠️ /)
  expect(summary).toContain('last 2 runs ✅⚠️')
})

describe('nothing needs you', () => {
  const needed = 'Nothing needs you.'
  const listing = { ...bucket().listing, brokeOff: true }

  test.each<[string, Partial<Report>]>([
    ['after a run that is well', {}],
    [
      'where all that failed is tried again',
      { conclusion: 'failed-pins', backup: backup({ missing: 1, failed: entries(1) }) },
    ],
    [
      'where time ran out',
      { conclusion: 'out-of-time', backup: backup({ missing: 1, pending: entries(1) }) },
    ],
  ])('is said %s', (_, over) => {
    expect(summaryOf(over).split('\n\n')[1]).toContain(needed)
  })

  test.each<[string, Partial<Report>]>([
    ['where something does', { warnings: [{ where: 'origins', message: 'x', todo: 'Set it' }] }],
    ['with a warning', { warnings: [{ where: 'cache', message: 'x' }] }],
    ['after an error', { conclusion: 'error', errors: [{ where: 'node', message: 'x' }] }],
    ['by a cancelled run', { conclusion: 'cancelled' }],
    ['where not all was listed', { conclusion: 'out-of-time', buckets: [bucket({ listing })] }],
    ['by a dry run', { dryRun: true }],
    ['of what was inspected', { inspect: [inspected(1)] }],
  ])('is not said %s', (_, over) => {
    expect(summaryOf(over)).not.toContain(needed)
  })
})

describe('what the mirror does by itself after an error', () => {
  const errors = [{ where: 'node', message: 'x' }]
  const still = { ...bucket().listing, added: 0, removed: 0, changed: 0 }
  const listed = bucket({ listing: still })
  const notListed = bucket({ name: 'videos', listing: { ...still, brokeOff: true } })

  test.each<[string, Partial<Report>, string]>([
    [
      'keeps what was pinned',
      { backup: backup({ missing: 1, pinned: entries(1) }) },
      'Keeps what was done, and tries again in the next run.',
    ],
    ['keeps what was listed', { node: null }, 'Keeps what was done, and tries again in the next run.'],
    [
      'keeps nothing where nothing was done',
      { node: null, buckets: [listed] },
      'Tries again in the next run.',
    ],
    [
      'lists the others again',
      { buckets: [listed, notListed] },
      'Lists <code>videos</code> again in the next run.',
    ],
    [
      'keeps nothing of a cancelled run that did nothing',
      { conclusion: 'cancelled', errors: [], buckets: [listed] },
      'Begins anew in the next run.',
    ],
  ])('%s', (_, over, line) => {
    const summary = summaryOf({ conclusion: 'error', errors, ...over })
    expect(summary.split('### What the mirror does by itself\n\n')[1]?.split('\n')[0]).toBe(`- ${line}`)
  })
})

describe('how both sides stand', () => {
  const bars = (over: Partial<Report>) =>
    summaryOf(over)
      .match(/^`[█▓░]+`.*$/m)?.[0]
      .replaceAll(/`[█▓░]+`/g, '▬')
  const standing = { atService: 1000, onNode: 900, onBoth: 890 }

  test.each<[Report['direction'], string]>([
    ['backup', '▬ **89.0%** of 1,000 CIDs are on the node'],
    ['update', '▬ **98.8%** of 900 CIDs of the node are at Filebase'],
    [
      'both',
      '▬ **89.0%** of 1,000 CIDs at Filebase are on the node<br>▬ **98.8%** of 900 CIDs on the node are at Filebase',
    ],
  ])('%s', (direction, line) => {
    expect(bars({ direction, standing })).toBe(line)
    expect(bars({ direction, standing, dryRun: true })).toBe(line)
  })

  test('of a bucket that was not listed what is known from before counts, and that is said', () => {
    const listing = { ...bucket().listing, brokeOff: true }
    const buckets = [
      bucket({ standing: { atService: 700, onNode: 600, onBoth: 590 } }),
      bucket({ name: 'videos', listing, standing: { atService: 300, onNode: 300, onBoth: 300 } }),
    ]
    const summary = summaryOf({ standing, buckets })
    expect(summary).toContain('of 1,000 CIDs are on the node (300 of them as listed before)')
    expect(summary).toContain('| ❌&nbsp;<code>videos</code> | – | not listed: 300 known from before |')
    expect(summary).toContain('| ⚠️&nbsp;<code>photos</code> | **590** of 700 | 110 not on the node,')
    expect(summary).not.toContain('add up to')
  })

  test('where CIDs are in several buckets it is said why the table has more', () => {
    const own = { atService: 600, onNode: 500, onBoth: 445 }
    const buckets = [bucket({ standing: own }), bucket({ name: 'videos', standing: own })]
    expect(summaryOf({ standing, buckets })).toContain('The buckets add up to 200 more than the bar counts')
  })
})

test('buckets that are well are folded away where they are many', () => {
  const well = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      bucket({
        name: `well-${index}`,
        requests: { queued: 0, pinning: 0, pinned: 10, failed: 0 },
        standing: { atService: 10, onNode: 10, onBoth: 10 },
      }),
    )
  const trouble = bucket({ name: 'trouble', listing: { ...bucket().listing, complete: false } })
  const titles = (buckets: readonly BucketReport[]) =>
    [...summaryOf({ buckets }).matchAll(/^<details><summary>(\d+ .*bucket.*)<\/summary>$/gm)].map(
      ([, title]) => title,
    )
  expect(titles([trouble, ...well(4)])).toEqual(['4 more buckets are well: the node has all 40 CIDs'])
  expect(titles([trouble, ...well(3)])).toEqual([])
  expect(titles(well(11))).toEqual(['11 buckets are well: the node has all 110 CIDs'])
})

test('what a large drop comes to, and when', () => {
  const summary = renderSummary(busyReport(), { issue: null })
  expect(summary).toContain(
    '- Takes the 1,512 requests of <code>documents</code> for deleted in the first run after 23 Nov 2026, 17:04 UTC that still misses them. Until then nothing is done about them.',
  )
})

test('what several large drops come to, and what of the rest', () => {
  const drop = (vanished: number, day: number) => ({
    vanished,
    droppedAt: `2026-11-${day}T17:04:00.000Z`,
    believedFrom: `2026-11-${day + 1}T17:04:00.000Z`,
  })
  const listing = { ...bucket().listing, vanished: 61, drops: [drop(30, 22), drop(30, 23)] }
  const summary = summaryOf({ buckets: [bucket({ listing })] })
  for (const line of [
    'Takes 30 requests of <code>photos</code> for deleted in the first run after 23 Nov 2026, 17:04 UTC that still misses them.',
    'Takes 30 requests of <code>photos</code> for deleted in the first run after 24 Nov 2026, 17:04 UTC that still misses them.',
    'Takes 1 request of <code>photos</code> for deleted in the first run that lists the bucket in full and still misses it.',
  ])
    expect(summary).toContain(line)
})

test('a request that an update asks for again by itself needs nobody', () => {
  const own = busyReport()
  const [failed] = own.buckets.flatMap(({ failedRequests }) => [...failedRequests])
  const again = renderSummary(
    {
      ...own,
      update: {
        ...backup({ missing: 1, failed: [failure(1, { cid: failed?.cid ?? '' })], resting: 1 }),
        unsent: [],
      },
    },
    { issue: null },
  )
  expect(renderSummary(own, { issue: null })).toContain('**Upload 1 CID again')
  expect(again).not.toContain('**Upload')
  expect(again).not.toContain('given up by')
})

test('the bar is rounded down, and says how it was', () => {
  const share = (onBoth: number, before: number) =>
    summaryOf({
      standing: { atService: 6000, onNode: onBoth, onBoth },
      history: [run({ onNode: before }), run({ onNode: onBoth })],
    }).split('\n\n')[2]
  expect(share(5999, 3000)).toBe(
    `\`${'█'.repeat(23)}▓\` **99.9%** of 6,000 CIDs are on the node · previous run 50.0%`,
  )
  expect(share(0, 0)).toBe(`\`${'░'.repeat(24)}\` **0.0%** of 6,000 CIDs are on the node`)
})

test('a busy run shows all that it met', () => {
  const issue = { url: 'https://github.com/o/r/issues/3', number: 3 }
  const summary = renderSummary(busyReport(), { issue })
  for (const part of [
    '[tracking issue #3](https://github.com/o/r/issues/3)',
    '**312 CIDs were pinned** on the node; **3 could not be** (1 of them never will be).',
    '**2 CIDs were pinned** at Filebase; **2 are on the way** to Filebase; **5 were not sent**.',
    '1. **Make 1 new delegate known.**',
    '1. **Check 1 delegate that did not answer.**',
    '1. **Give up 1 CID, or mend it.** Trying again will not help: 1 in <code>photos</code> (“The content is broken”).',
    '1. **Upload 1 CID again, or delete its request.**',
    '1. **Delete 1 request that cannot be read.**',
    '- Tries the other 2 CIDs again from 20:00 UTC on',
    '### Not pinned: 3 CIDs, for 2 reasons',
    '<details><summary><b>1 not on the node · The content is broken.</b> <code>photos</code> 1 · ⛔ trying again will not help</summary>',
    '<details><summary><b>2 not on the node · Stalled.</b> <code>photos</code> 2 · 🔁 tried again from 20:00 UTC on</summary>',
    '| ⚠️&nbsp;<code>documents</code> | all 12,340 | **12,340** of 12,343 |  | 1,512 requests vanished, 1 given up by Filebase, 1 cannot be read, 3 on the way to Filebase |'.replace(
      '|  |',
      '| |',
    ),
    '<b>1 request given up by Filebase</b>',
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
            believedFrom: null,
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
  const failed = summary.split('### Not pinned on the node: 40,000 CIDs')[1]?.split('###')[0] ?? ''
  const blocks = [...failed.matchAll(/<pre>\n(.*?)\n<\/pre>\n\n…and ([\d,]+) more/gs)]
  const shown = blocks.map(([, block = '']) => block.split('\n').length)
  const left = blocks.map(([, , more = '']) => Number(more.replaceAll(',', '')))
  expect(shown.map((n, index) => n + (left[index] ?? 0))).toEqual([20_000, 20_000])
  // The last list still has its count, though there is little room left.
  expect(summary).toContain('#### 20,000 not sent')
})
