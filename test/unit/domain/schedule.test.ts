import { expect, test } from 'vitest'
import { longestPause } from '../../../src/domain/backoff.ts'
import { type CidKey, type PinCid, parseCid } from '../../../src/domain/cid.ts'
import { atOnce } from '../../../src/domain/long-work.ts'
import { type KnownFailure, schedule } from '../../../src/domain/schedule.ts'
import { Cids } from '../../sandbox/identity.ts'

const [restingCid, failedCid, freshCid, otherCid] = new Cids(1).take(4).map((text) => {
  const cid = parseCid(text)
  if (cid === undefined) throw new Error(`${text} does not parse`)
  return { cid }
}) as [Entry, Entry, Entry, Entry]
interface Entry {
  cid: PinCid
}

const failures = new Map<CidKey, KnownFailure>([
  [restingCid.cid.key, { nextAttempt: 1001, retry: 'later' }],
  [failedCid.cid.key, { nextAttempt: 1000, retry: 'later' }],
])
const entries = [restingCid, failedCid, freshCid, otherCid]

function scheduled(now: number, known: typeof failures = failures, missing = entries) {
  const at = (index: number) => missing[index] as Entry
  const agenda = { length: missing.length, at, keyAt: (index: number) => at(index).cid.key }
  const { due, resting } = atOnce(schedule(agenda, known, now))
  return { due: [...due].map(at), resting: [...resting].map(at) }
}

test('puts what failed before behind what never did, and lets rest what is not due', () => {
  expect(scheduled(1000)).toEqual({ due: [freshCid, otherCid, failedCid], resting: [restingCid] })
})

test('tries everything at the end of time, as a manual run does', () => {
  expect(scheduled(Number.POSITIVE_INFINITY)).toEqual({
    due: [freshCid, otherCid, restingCid, failedCid],
    resting: [],
  })
})

test.each(['later', 'never'] as const)(
  'a pause that is longer than any (%s) comes of a clock that was ahead, and does not hold',
  (retry) => {
    const known = new Map<CidKey, KnownFailure>([
      [restingCid.cid.key, { nextAttempt: 1000 + longestPause(retry), retry }],
      [failedCid.cid.key, { nextAttempt: 1001 + longestPause(retry), retry }],
    ])
    expect(scheduled(1000, known, [restingCid, failedCid])).toEqual({
      due: [failedCid],
      resting: [restingCid],
    })
  },
)

test('where nothing failed before, all is due in its order', () => {
  expect(scheduled(1000, new Map())).toEqual({ due: entries, resting: [] })
})
