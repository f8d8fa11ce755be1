import { expect, it } from 'vitest'
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

it('puts what failed before behind what never did, and lets rest what is not due', () => {
  expect(scheduled(1000)).toEqual({ due: [freshCid, otherCid, failedCid], resting: [restingCid] })
})

it('tries everything at the end of time, as a manual run does', () => {
  expect(scheduled(Number.POSITIVE_INFINITY)).toEqual({
    due: [freshCid, otherCid, restingCid, failedCid],
    resting: [],
  })
})
