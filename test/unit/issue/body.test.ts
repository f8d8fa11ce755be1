import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { markerOf, renderIssueBody, saysTheSame } from '../../../src/issue/body.ts'
import { renderChange, toldIn, toldLine, toldOf } from '../../../src/issue/told.ts'
import { isSettled, type Tracked } from '../../../src/issue/tracked.ts'
import { failure, hostileTexts, knownDelegate, tracked, unknownDelegate } from '../report/samples.ts'

const marker = markerOf('0123456789abcdef')
const bodyOf = (state: Tracked, runUrl = 'https://github.com/o/r/actions/runs/1/attempts/1') =>
  renderIssueBody({ marker, cacheKey: 'ipfs-pin-mirror', runUrl, tracked: state })
const failures = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ ...failure(from + index), direction: 'backup' as const }))
const failedRequest = {
  requestid: 'r1',
  cid: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG',
  name: null,
  reason: null,
  class: 'unsaid' as const,
  created: '2026-10-01T12:00:00Z',
  bucket: 'photos',
}
const all = tracked({
  failures: [...failures(2), { ...failure(9), direction: 'update' }],
  failedRequests: [failedRequest],
  unknownDelegates: [unknownDelegate],
  knownDelegates: [knownDelegate],
})

describe('the body', () => {
  test('begins with the marker and has a section for each kind', () => {
    const body = bodyOf(all)
    expect(body.split('\n')[0]).toBe('<!-- ipfs-pin-mirror: 0123456789abcdef -->')
    expect(body.match(/^###.*$/gm)).toEqual([
      '### Failed on the node: 2 CIDs',
      '### Failed at the service: 1 CID',
      '### Unknown delegates: 1',
      '### Requests that failed at the service: 1',
    ])
  })

  test('says so when nothing is left', () => {
    expect(bodyOf(tracked())).toContain('Nothing is left.')
  })

  test('is the same for the same state, in whatever order it comes and whichever run writes it', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all.failures.slice(), { minLength: 3 }), (order) => {
        const shuffled = {
          ...all,
          failures: order,
          unknownDelegates: [{ ...unknownDelegate, addrs: unknownDelegate.addrs.toReversed() }],
        }
        expect(bodyOf(shuffled)).toBe(bodyOf(all))
        expect(
          saysTheSame(bodyOf(shuffled, 'https://github.com/o/r/actions/runs/2/attempts/1'), bodyOf(all)),
        ).toBe(true)
      }),
    )
    expect(saysTheSame(bodyOf(all).replaceAll('\n', '\r\n'), bodyOf(all))).toBe(true)
    expect(
      saysTheSame(bodyOf(tracked({ failures: failures(1) })), bodyOf(tracked({ failures: failures(2) }))),
    ).toBe(false)
  })

  test.each([3, 199, 5_000, 200_000])(
    'stays under 65,536 characters with %i failures, and counts them all',
    (count) => {
      const list = failures(count)
      const body = bodyOf(tracked({ failures: list, unknownDelegates: [unknownDelegate] }))
      expect(Buffer.byteLength(body)).toBeLessThan(65_536)
      const section = body.split('### Unknown')[0] ?? ''
      const shown = section.split('\n').filter((line) => line.startsWith('| <code>')).length
      const left = Number(/…and ([\d,]+) more/.exec(section)?.[1]?.replaceAll(',', '') ?? 0)
      expect(shown + left).toBe(count)
      expect(body).toContain(unknownDelegate.peerId)
      expect(toldIn(body)).toEqual(toldOf(tracked({ failures: list, unknownDelegates: [unknownDelegate] })))
    },
  )

  test('stays under 65,536 characters whatever the texts are', () => {
    const text = fc.oneof(
      fc.constantFrom(...hostileTexts, '|'.repeat(1000), '\u{1F600}'.repeat(1000), '\u0000'.repeat(1000)),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 400 }), (one, two, count) => {
        const hostile = { ...failure(1), cid: one, name: two, bucket: one, reason: two }
        const state = tracked({
          failures: Array.from({ length: count }, (_, index) => ({
            ...hostile,
            cid: one + index,
            direction: index % 2 === 0 ? ('backup' as const) : ('update' as const),
          })),
          failedRequests: Array.from({ length: count }, () => ({
            ...failedRequest,
            cid: two,
            name: one,
            reason: two,
          })),
          unknownDelegates: Array.from({ length: count }, () => ({
            ...unknownDelegate,
            peerId: two,
            addrs: [one, two],
          })),
          knownDelegates: [{ peerId: one, addrs: Array(40).fill(two) }],
        })
        const body = bodyOf(state)
        expect(Buffer.byteLength(body)).toBeLessThan(65_536)
        expect(body.startsWith(`${marker}\n`)).toBe(true)
        expect(toldIn(body)).toEqual(toldOf(state))
      }),
      { numRuns: 30 },
    )
  })
})

describe('the comment on a change', () => {
  const change = (before: Tracked, after: Tracked) =>
    renderChange(toldOf(before), toldOf(after), 'https://run')

  test('there is none where nothing appeared or went', () => {
    const later = all.failures.map((one) => ({ ...one, attempts: 8, nextAttemptAt: '2026-12-01T00:00:00Z' }))
    expect(change(all, { ...all, failures: later })).toBeNull()
  })

  test('names what is new and what is gone', () => {
    const comment = change(tracked({ failures: failures(2) }), tracked({ failures: failures(2, 1) }))
    expect(comment).toContain(`**New: 1**\n\n- <code>${failure(2).cid}</code> (failed on the node)`)
    expect(comment).toContain(`**Settled: 1**\n\n- <code>${failure(0).cid}</code> (failed on the node)`)
    expect(comment).not.toContain(failure(1).cid)
  })

  test('names some of many', () => {
    const comment = change(tracked(), tracked({ failures: failures(50) }))
    expect(comment).toContain('**New: 50**')
    expect(comment?.match(/<code>/g)).toHaveLength(10)
    expect(comment).toContain('- and 40 more')
  })

  test('gives the numbers where there are too many to remember', () => {
    const comment = change(tracked({ failures: failures(5_000) }), tracked({ failures: failures(5_001) }))
    expect(comment).toContain('- failed on the node: 5,000, now 5,001')
  })

  test('says that nothing is left', () => {
    expect(change(all, tracked())).toMatch(/^Nothing is left, so the issue is closed/)
  })

  test('a damaged memory is none', () => {
    expect(toldIn('')).toBeUndefined()
    expect(toldIn('<!-- ipfs-pin-mirror-told: e30= -->')).toBeUndefined()
    expect(toldIn('<!-- ipfs-pin-mirror-told: ??? -->')).toBeUndefined()
    expect(toldIn(toldLine(toldOf(all)))).toEqual(toldOf(all))
  })
})

test('what is not believed yet is in the body and in the comments, and keeps the issue open', () => {
  const doubts = [{ where: 'bucket photos', message: '20 requests of bucket `photos` vanished at once' }]
  const doubted = tracked({ doubts })
  expect(isSettled(doubted)).toBe(false)
  const body = bodyOf(doubted)
  expect(body).toContain('### Not believed yet')
  expect(body).toContain('20 requests of bucket')
  const change = renderChange(toldOf(tracked()), toldOf(doubted), 'u')
  expect(change).toContain('bucket photos')
  expect(change).toContain('not believed yet')
})
