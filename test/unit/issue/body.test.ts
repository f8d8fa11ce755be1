import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { markerOf, renderIssueBody, saysTheSame } from '../../../src/issue/body.ts'
import { withRuns } from '../../../src/issue/now.ts'
import { runsOf, toldIn, toldLine, toldOf, withTold } from '../../../src/issue/told.ts'
import { inOrder, isSettled, type Tracked } from '../../../src/issue/tracked.ts'
import { hostileTexts, knownDelegate, tracked, unknownDelegate } from '../report/samples.ts'
import { failing, several, stateOf } from './states.ts'

const marker = markerOf('0123456789abcdef')
const runUrl = 'https://github.com/o/r/actions/runs/1/attempts/1'
const bodyOf = (state: Tracked, url = runUrl, at = 1e12) =>
  renderIssueBody({
    marker,
    cacheKey: 'ipfs-pin-mirror',
    runUrl: url,
    tracked: inOrder(state),
    told: toldOf(state, at),
  })
const all = [
  ...several(2),
  failing(3, { bucket: 'video' }),
  failing(4, { class: 'refused-hash', reason: 'potentially insecure hash functions not allowed' }),
  failing(9, { kind: 'update', class: 'gave-up', reason: 'Exceeded Max Attempts (11)' }),
  failing(10, { kind: 'request', class: 'unsaid', reason: '' }),
]
const peers = { unknownDelegates: [unknownDelegate], knownDelegates: [knownDelegate] }
const failingRuns = {
  since: '2026-11-19T10:03:00Z',
  runs: 24,
  errors: [{ where: 'bucket photos', message: 'the token is refused' }],
}

describe('the body', () => {
  test('says in one sentence how things stand, and then what needs a person, failing runs first', () => {
    const body = bodyOf(stateOf(all, { ...peers, failing: failingRuns }))
    expect(body.split('\n')[0]).toBe('<!-- ipfs-pin-mirror: 0123456789abcdef -->')
    expect(body).toContain(
      '**24 runs in a row ended with an error, 1 CID can never be pinned, 4 fail for now, 1 delegate is new, 1 upload was given up by the service.**',
    )
    expect(body.match(/^###.*$/gm)).toEqual([
      '### Needs you',
      '### Fails for now, and is tried again',
      '### New delegates: 1',
    ])
    const needs = body
      .split('### Fails')[0]
      ?.split('\n')
      .filter((line) => /^\| \d/.test(line))
    expect(needs?.map((row) => row.split(' | ').slice(0, 3).join(' | '))).toEqual([
      '| 24<!-- runs --> | runs in a row ended with an error, the last with<br><code>bucket photos</code>: <code>the token is refused</code> | 2026-11-19 10:03',
      '| 1 | Kubo refuses the hash (<code>photos</code>) | 2026-11-20 08:13',
      '| 1 | delegate is new | 2026-11-21 10:00',
      '| 1 | upload given up: The service does not say why (<code>photos</code>) | 2026-11-20 08:13',
    ])
  })

  test('tells what is pinned and broken: a corrupt block needs a person, a missing one is fetched by a run', () => {
    const body = bodyOf(
      stateOf([
        failing(1, {
          kind: 'verify',
          class: 'missing-block',
          reason: 'a block of it is missing on the node',
        }),
        failing(2, { kind: 'verify', class: 'corrupt-block', reason: 'its block is corrupt on the node' }),
        failing(3),
      ]),
    )
    expect(body).toContain('**2 pinned CIDs are broken on the node, 1 CID fails for now.**')
    const [needs, rest] = body.split('### Fails for now')
    expect(needs).toContain('| 1 | A block is corrupt on the node (<code>photos</code>) |')
    expect(needs).toContain('`ipfs repo verify --heal`')
    expect(needs).not.toContain('| A block is missing on the node')
    expect(rest).toContain('| 1 | A block is missing on the node | <code>photos</code> |')
    expect(rest).not.toContain('| A block is corrupt on the node')
    for (const index of [1, 2, 3]) expect(rest).toContain(`\n${failing(index).cid}\n`)
  })

  test('has what is tried again by reason, where it is, since when, and when it is tried', () => {
    const body = bodyOf(stateOf(all))
    expect(body).toContain(
      '| 3 | No block came | <code>photos</code> 2, <code>video</code> 1 | 2026-11-20 08:13 | 2026-11-22 20:00 |',
    )
    expect(body).toContain('| 1 | The service gave up | <code>photos</code> |')
  })

  test('has a fold for each reason with its CIDs to copy, and nothing else on their lines', () => {
    const body = bodyOf(stateOf(all))
    const folds = body
      .match(/<details><summary><b>[^\n]*<\/summary>/g)
      ?.map((fold) => /<b>(.*)<\/b>/.exec(fold)?.[1])
    expect(folds).toEqual([
      '1 CID · Kubo refuses the hash',
      '3 CIDs · No block came',
      '1 CID · The service gave up',
      '1 CID · The service does not say why',
    ])
    for (const { cid } of all) expect(body.split('\n')).toContain(cid)
    expect(body).toContain('<code>no block of it came within 120 s</code>')
  })

  test('a reason that nobody knows is told in its own words', () => {
    const body = bodyOf(
      stateOf(several(2, { class: 'other-merkledag-not-found-123456', reason: 'merkledag: not found' })),
    )
    expect(body).toContain('| 2 | <code>merkledag&#58; not found</code> | <code>photos</code> |')
  })

  test('says so when nothing is left', () => {
    expect(bodyOf(tracked())).toContain('Nothing is left.')
  })

  test('is the same for the same state, in whatever order it comes and whichever run writes it', () => {
    const state = stateOf(all, peers)
    fc.assert(
      fc.property(fc.shuffledSubarray(all.slice(), { minLength: all.length }), (order) => {
        const shuffled = stateOf(
          order.toSorted((a, b) => (a.cid < b.cid ? -1 : 1)),
          {
            ...peers,
            unknownDelegates: [{ ...unknownDelegate, addrs: unknownDelegate.addrs.toReversed() }],
          },
        )
        expect(bodyOf(shuffled)).toBe(bodyOf(state))
        const later = bodyOf(shuffled, 'https://github.com/o/r/actions/runs/2/attempts/1', 2e12)
        expect(saysTheSame(later, bodyOf(state))).toBe(true)
      }),
    )
    expect(saysTheSame(bodyOf(state).replaceAll('\n', '\r\n'), bodyOf(state))).toBe(true)
    expect(saysTheSame(bodyOf(stateOf(several(1))), bodyOf(stateOf(several(2))))).toBe(false)
  })

  test.each([3, 499, 5_000, 50_000])(
    'stays under 65,536 characters with %i failures, and counts them all',
    (count) => {
      const state = stateOf(
        several(count).map((one, index) => ({ ...one, bucket: `bucket ${index % 400}` })),
        peers,
      )
      const body = bodyOf(state)
      expect(Buffer.byteLength(body)).toBeLessThan(65_536)
      const section = body.split('### New')[0] ?? ''
      const shown = section.split('\n').filter((line) => line.startsWith('bafy')).length
      const left = Number(/…and ([\d,]+) more/.exec(section)?.[1]?.replaceAll(',', '') ?? 0)
      expect(shown).toBeGreaterThan(0)
      expect(shown + left).toBe(count)
      expect(body).toContain(unknownDelegate.peerId)
      expect(toldIn(body)).toEqual(toldOf(state, 1e12))
    },
  )

  test('any number of reasons that nobody knows is counted', () => {
    const body = bodyOf(
      stateOf(several(300).map((one, index) => ({ ...one, class: `other-${index}` as const }))),
    )
    expect(body).toContain('**300 CIDs fail for now.**')
    expect(body).toContain('And 280 CIDs for 280 other reasons')
  })

  test('stays under 65,536 characters whatever the texts are', () => {
    const text = fc.oneof(
      fc.constantFrom(...hostileTexts, '|'.repeat(1000), '\u{1F600}'.repeat(1000), '\u0000'.repeat(1000)),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 400 }), (one, two, count) => {
        const hostile = Array.from({ length: count }, (_, index) =>
          failing(index, {
            cid: one + index,
            kind: (['backup', 'update', 'request'] as const)[index % 3] ?? 'backup',
            bucket: index % 2 === 0 ? one : two,
            class: index % 4 === 0 ? 'refused-hash' : `other-${index % 50}`,
            reason: two,
          }),
        )
        const state = stateOf(hostile, {
          failing: { ...failingRuns, errors: Array(30).fill({ where: one, message: two }) },
          doubts: Array.from({ length: count }, (_, index) => ({ where: `${one}${index}`, message: two })),
          unknownDelegates: Array(count).fill({ ...unknownDelegate, peerId: two, addrs: [one, two] }),
          knownDelegates: [{ peerId: one, addrs: Array(40).fill(two) }],
          troubledPeers: Array(count).fill({
            peerId: one,
            name: two,
            trouble: one,
            since: '2026-11-19T10:03:00Z',
          }),
        })
        const body = bodyOf(state)
        expect(Buffer.byteLength(body)).toBeLessThan(65_536)
        expect(body.startsWith(`${marker}\n`)).toBe(true)
        expect(toldIn(body)).toEqual(toldOf(inOrder(state), 1e12))
      }),
      { numRuns: 30 },
    )
  })
})

describe('what it says of failing runs is changed by itself', () => {
  const state = stateOf(all, peers)
  const failed = { ...state, failing: failingRuns }
  const changed = (from: Tracked, to: Tracked['failing']) => {
    const told = { ...toldOf(from, 1e12), ...runsOf(to) }
    return withRuns(withTold(bodyOf(from), told), told, to, runUrl)
  }

  test('it comes, changes and goes, and all else stays', () => {
    expect(changed(state, failingRuns)).toBe(bodyOf(failed))
    expect(changed(failed, null)).toBe(bodyOf(state))
    const more = { ...failingRuns, runs: 25 }
    expect(changed(failed, more)).toBe(bodyOf({ ...state, failing: more }))
  })

  test('also where nothing else needs a person', () => {
    expect(changed(stateOf(several(1)), failingRuns)).toBe(
      bodyOf(stateOf(several(1), { failing: failingRuns })),
    )
    expect(changed(stateOf(several(1), { failing: failingRuns }), null)).toBe(bodyOf(stateOf(several(1))))
  })

  test('as GitHub gives it back, with other ends of lines', () => {
    const told = { ...toldOf(state, 1e12), ...runsOf(failingRuns) }
    const body = withRuns(bodyOf(state).replaceAll('\n', '\r\n'), told, failingRuns, runUrl) ?? ''
    expect(withTold(body, told).replaceAll('\r\n', '\n')).toBe(bodyOf(failed))
  })

  test('not where somebody took that part away', () => {
    expect(withRuns('something else', toldOf(state, 0), failingRuns, runUrl)).toBeUndefined()
  })
})

test('a damaged memory is none', () => {
  const told = toldOf(stateOf(all), 1e12)
  expect(toldIn('')).toBeUndefined()
  expect(toldIn('<!-- ipfs-pin-mirror-told: e30= -->')).toBeUndefined()
  expect(toldIn('<!-- ipfs-pin-mirror-told: ??? -->')).toBeUndefined()
  expect(toldIn(toldLine(told))).toEqual(told)
})

test('what is not believed yet is in the body, and keeps the issue open', () => {
  const doubts = [
    {
      where: 'bucket photos',
      message: '20 requests of bucket `photos` vanished at once, seen at 09:36 UTC',
      short: '20 requests of `photos` vanished',
    },
  ]
  const doubted = tracked({ doubts })
  expect(isSettled(doubted)).toBe(false)
  const body = bodyOf(doubted)
  expect(body).toContain('**1 finding is not believed yet.**')
  expect(body).toContain(
    '| 1 | 20 requests of <code>photos</code> vanished: not believed yet |  | 20 requests of bucket <code>photos</code> vanished at once, seen at 09:36 UTC. |',
  )
})

test('a peer of the cluster in trouble is in the body, and keeps the issue open', () => {
  const troubled = tracked({
    troubledPeers: [
      { peerId: '12D3Koo', name: 'second', trouble: 'it is down', since: '2026-11-19T10:03:00Z' },
    ],
  })
  expect(isSettled(troubled)).toBe(false)
  const body = bodyOf(troubled)
  expect(body).toContain('**1 peer of the cluster has trouble.**')
  expect(body).toContain(
    '<code>second</code> (<code>12D3Koo</code>): <code>it is down</code> | 2026-11-19 10:03',
  )
})
