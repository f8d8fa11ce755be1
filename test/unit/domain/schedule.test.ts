import { expect, test } from 'vitest'
import { longestPause } from '../../../src/domain/backoff.ts'
import { type PinCid, parseCid } from '../../../src/domain/cid.ts'
import { schedule } from '../../../src/domain/schedule.ts'
import { Cids } from '../../sandbox/identity.ts'

const [restingCid, failedCid, freshCid, otherCid] = new Cids(1).take(4).map((text) => {
  const cid = parseCid(text)
  if (cid === undefined) throw new Error(`${text} does not parse`)
  return { cid }
}) as [Entry, Entry, Entry, Entry]
interface Entry {
  cid: PinCid
}

const failures = new Map([
  [restingCid.cid.key, { nextAttempt: 1001 }],
  [failedCid.cid.key, { nextAttempt: 1000 }],
])
const entries = [restingCid, failedCid, freshCid, otherCid]
const missing = {
  length: entries.length,
  at: (index: number) => entries[index] as Entry,
  keyAt: (index: number) => (entries[index] as Entry).cid.key,
}

function scheduled(now: number) {
  const { due, resting } = schedule(missing, failures, now)
  return { due: [...due].map(missing.at), resting: [...resting].map(missing.at) }
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

test('a pause that is longer than any comes of a clock that was ahead, and does not hold', () => {
  const known = new Map([
    [restingCid.cid.key, { nextAttempt: 1000 + longestPause }],
    [failedCid.cid.key, { nextAttempt: 1001 + longestPause }],
  ])
  expect(schedule([restingCid, failedCid], known, 1000)).toEqual({ due: [failedCid], resting: [restingCid] })
})

test('where nothing failed before, all is due in its order', () => {
  expect(schedule(missing, new Map(), 1000)).toEqual({ due: missing, resting: [] })
})
