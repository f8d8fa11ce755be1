import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeOf, renderChange } from '../../../src/issue/change.ts'
import { toldIn, toldOf } from '../../../src/issue/told.ts'
import { isSettled, type Tracked } from '../../../src/issue/tracked.ts'
import type { Departure } from '../../../src/snapshot/ledger.ts'
import { hostileTexts, tracked, unknownDelegate } from '../report/samples.ts'
import { failing, longAgo, several, stateOf } from './states.ts'

/** When the issue was told of the state before. */
const told = longAgo + 1000
const since = told + 1000

/** The comment on what became of one state: what failed by then did so long ago. */
async function comment(before: Tracked, after: Tracked): Promise<string | null> {
  const change = await changeOf(toldOf(before, told), toldOf(after, told + 2000), after)
  return change && renderChange(change, isSettled(after), 'https://run')
}

const linesOf = (text: string | null) => text?.split('\n').filter((line) => line.startsWith('- '))

test('there is none where the same fails, for whatever reason and however often', async () => {
  const before = several(3)
  const later = before.map((one) => ({ ...one, class: 'stalled' as const, next: one.next + 1e6 }))
  expect(await comment(stateOf(before), stateOf(later))).toBeNull()
})

test.each([1, 1000])(
  'it is the difference alone, by reason and bucket, at any size (× %i)',
  async (times) => {
    const kept = several(30 * times)
    const gone = several(4 * times, { bucket: 'poh-v2' }, 200_000)
    const fresh = several(12 * times, { bucket: 'curate-v2', since }, 300_000)
    const text = await comment(stateOf([...kept, ...gone]), stateOf([...kept, ...fresh]))
    const number = (value: number) => (value * times).toLocaleString('en-US')
    expect(linesOf(text)).toEqual([
      `- **+${number(12)}** No block came (<code>curate-v2</code>)`,
      `- **−${number(4)}** not among those that fail on the node any more (<code>poh-v2</code>)`,
    ])
    expect(text).toContain(`<summary>${number(12)} new CIDs</summary>`)
    expect(text?.split('\n')).toContain(fresh[0]?.cid)
    for (const { cid } of [...kept, ...gone].slice(0, 100)) expect(text).not.toContain(cid)
  },
)

const left = (over: Partial<Departure>): Departure => ({
  direction: 'backup',
  bucket: 'photos',
  why: 'done',
  cids: 1,
  ...over,
})

describe('what is not told of any more', () => {
  const before = [...several(6), ...several(3, { bucket: 'video' }, 100)]
  test('is told by what is true of each: pinned, ignored, or gone', async () => {
    const departed = [
      left({ why: 'ignored' }),
      left({ why: 'gone', cids: 2 }),
      left({ cids: 3 }),
      left({ bucket: 'video', why: 'gone', cids: 3 }),
    ]
    expect(linesOf(await comment(stateOf(before), stateOf([], { departed })))).toEqual([
      '- **−3** now pinned on the node (<code>photos</code>)',
      '- **−2** gone from the service (<code>photos</code>)',
      '- **−1** now in `ignore` (<code>photos</code>)',
      '- **−3** gone from the service (<code>video</code>)',
    ])
  })

  test('has no reason where that is not known of all, as after a run whose comment could not be written', async () => {
    const departed = [left({ cids: 5 }), left({ bucket: 'video', cids: 3, direction: 'update' })]
    expect(linesOf(await comment(stateOf(before), stateOf([], { departed })))).toEqual([
      '- **−6** not among those that fail on the node any more (<code>photos</code>)',
      '- **−3** not among those that fail on the node any more (<code>video</code>)',
    ])
  })

  test('of an update is what the service has, and what the node has not', async () => {
    const update = several(4, { kind: 'update', class: 'gave-up' })
    const departed = (['done', 'gone', 'ignored', 'unwanted'] as const).map((why) =>
      left({ direction: 'update', why }),
    )
    expect(linesOf(await comment(stateOf(update), stateOf([], { departed })))?.toSorted()).toEqual([
      '- **−1** no longer pinned on the node (<code>photos</code>)',
      '- **−1** not in `only-names` any more (<code>photos</code>)',
      '- **−1** now in `ignore` (<code>photos</code>)',
      '- **−1** now pinned at the service (<code>photos</code>)',
    ])
  })
})

test('several reasons and places are a line each', async () => {
  const fresh = [
    failing(1, { since }),
    failing(2, { since, bucket: 'video' }),
    failing(3, { since, class: 'refused-hash' }),
    failing(4, { since, kind: 'update', class: 'gave-up' }),
  ]
  expect(linesOf(await comment(tracked(), stateOf(fresh)))).toEqual([
    '- **+1** Kubo refuses the hash (<code>photos</code>)',
    '- **+2** No block came (<code>photos</code> 1, <code>video</code> 1)',
    '- **+1** The service gave up (<code>photos</code>)',
  ])
})

test('what is pinned and broken is told as that, as it comes and goes', async () => {
  const broken = failing(1, { since, kind: 'verify', class: 'corrupt-block' })
  expect(linesOf(await comment(tracked(), stateOf([broken])))).toEqual([
    '- **+1** A block is corrupt on the node (<code>photos</code>)',
  ])
  const old = failing(2, { kind: 'verify', class: 'missing-block' })
  expect(linesOf(await comment(stateOf([old, failing(3)]), stateOf([failing(3)])))).toEqual([
    '- **−1** not among those that are broken on the node any more (<code>photos</code>)',
  ])
  const departed = [left({ direction: 'verify', cids: 1 })]
  expect(linesOf(await comment(stateOf([old]), stateOf([], { departed })))).toEqual([
    '- **−1** now whole on the node (<code>photos</code>)',
  ])
})

test('what is new by no clock is told by its place', async () => {
  const text = await comment(stateOf(several(2)), stateOf(several(5)))
  expect(linesOf(text)).toEqual(['- **+3** fail on the node (<code>photos</code>)'])
})

test('delegates, requests, doubts and peers are named as they come and go', async () => {
  const before = stateOf([failing(1, { kind: 'request', class: 'unsaid' })])
  const after = stateOf([failing(2, { kind: 'request', class: 'unsaid' })], {
    unknownDelegates: [unknownDelegate],
    doubts: [{ where: 'bucket photos', message: 'vanished at once' }],
    troubledPeers: [{ peerId: '12D3Koo', name: 'second', trouble: 'down', since: '2026-11-19T10:03:00Z' }],
  })
  expect(linesOf(await comment(before, after))).toEqual([
    `- **+1** unknown delegates: <code>${unknownDelegate.peerId}</code>`,
    `- **+1** uploads that the service gave up: <code>${failing(2).cid}</code>`,
    '- **+1** not believed yet: <code>bucket photos</code>',
    '- **+1** peers of the cluster in trouble: <code>12D3Koo</code>',
    `- **−1** uploads that the service gave up: <code>${failing(1).cid}</code>`,
  ])
})

test('more of them than can be remembered are told in numbers', async () => {
  const requests = (count: number) => stateOf(several(count, { kind: 'request', class: 'unsaid' }))
  expect(linesOf(await comment(requests(5_000), requests(5_001)))).toEqual([
    '- **+1** uploads that the service gave up',
  ])
})

test('runs that fail are told once, and once that they do not any more', async () => {
  const runs = (count: number) => ({
    since: '2026-11-19T10:03:00Z',
    runs: count,
    errors: [{ where: 'node', message: 'the node does not answer' }],
  })
  const state = (count: number) => stateOf(several(1), { failing: runs(count) })
  const well = stateOf(several(1))
  expect(linesOf(await comment(well, state(2)))).toEqual([
    '- **2 runs in a row** ended with an error, since 2026-11-19 10:03 (UTC): <code>node</code>: <code>the node does not answer</code>',
  ])
  expect(await comment(state(2), state(3))).toBeNull()
  expect(linesOf(await comment(state(3), well))).toEqual(['- The runs no longer end with an error.'])
})

test('says that nothing is left', async () => {
  expect(await comment(stateOf(several(3)), tracked())).toMatch(/^Nothing is left, so the issue is closed/)
})

test('stays under GitHub’s limit whatever the texts are', async () => {
  for (const text of [...hostileTexts, '|'.repeat(1000), '\u{1F600}'.repeat(1000)]) {
    const fresh = several(3000, { since }).map((one, index) => ({
      ...one,
      cid: `${text}${index}`,
      bucket: `${text}${index % 70}`,
      class: `other-${index % 90}` as const,
      reason: text,
    }))
    const after = stateOf(fresh, {
      unknownDelegates: several(30).map(({ cid }) => ({ ...unknownDelegate, peerId: `${text}${cid}` })),
      failing: { since: 'x', runs: 2, errors: Array(9).fill({ where: text, message: text }) },
    })
    expect(Buffer.byteLength((await comment(tracked(), after)) ?? '')).toBeLessThan(65_536)
  }
})

/** A line of the body that somebody edited: it is believed where it is of the right form. */
const edited = fc.record({
  at: fc.constantFrom(-1e308, 0, 1e15, 1e308),
  runs: fc.nat(),
  counts: fc.record(
    Object.fromEntries(
      ['broken', 'later', 'never', 'delegate', 'request', 'doubt', 'peer', 'bucket'].map((kind) => [
        kind,
        fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER),
      ]),
    ),
  ),
  places: fc.array(
    fc.tuple(
      fc.constantFrom('backup', 'update', 'verify'),
      fc.constantFrom('', 'photos', ...hostileTexts),
      fc.nat(),
    ),
  ),
  ledgerDigest: fc.string(),
  keysDigest: fc.string(),
  keys: fc.option(
    fc.array(fc.constantFrom('', 'delegate x', ...hostileTexts.map((text) => `request ${text}`))),
  ),
})

test('whatever somebody writes in the place of what was told, the comment is harmless and short enough', async () => {
  const after = stateOf(several(3, { since }))
  let comments = 0
  await fc.assert(
    fc.asyncProperty(edited, async (told) => {
      const line = Buffer.from(JSON.stringify(told)).toString('base64')
      const before = toldIn(`<!-- ipfs-pin-mirror-told: ${line} -->`)
      const change = before && (await changeOf(before, toldOf(after, since), after))
      const text = (change && renderChange(change, false, 'https://run')) ?? ''
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000)
      expect(text).not.toMatch(/@org|@someone|<img|<script|<!--|https:\/\/example/)
      if (text !== '') comments++
    }),
  )
  expect(comments).toBeGreaterThan(50)
})
