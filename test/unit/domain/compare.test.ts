import { expect, test } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { Comparison } from '../../../src/domain/compare.ts'
import { statuses } from '../../../src/domain/pin.ts'
import { Cids } from '../../sandbox/identity.ts'

const cids = new Cids(5)
const twin = cids.bothVersions()
const keyOf = (text: string) => parseCid(text)?.key as CidKey
const [oneText, twoText] = cids.take(2) as [string, string]
const [one, two] = [keyOf(oneText), keyOf(twoText)]

const seenOf = (comparison: Comparison, key: CidKey) => ({
  isOnNode: comparison.isOnNode(key),
  isListed: comparison.isListed(key),
  isLive: comparison.isLiveAtService(key),
  isPinned: comparison.isPinnedAtService(key),
  isInDoubt: comparison.isInDoubt(key),
})
const nowhere = { isOnNode: false, isListed: false, isLive: false, isPinned: false, isInDoubt: false }

test('what is on neither side is nowhere', () => {
  const comparison = new Comparison()
  comparison.addNodePin(one, { isV0: false, name: 'other' })
  expect(seenOf(comparison, two)).toEqual(nowhere)
  expect(comparison.nameOnNode(two)).toBeNull()
})

test.each(
  statuses.map((status) => [status, { isLive: status !== 'failed', isPinned: status === 'pinned' }] as const),
)('a request that is %s', (status, expected) => {
  const comparison = new Comparison()
  comparison.addRequest(1, one, status)
  expect(seenOf(comparison, one)).toEqual({ ...nowhere, isListed: true, ...expected })
  comparison.addRequest(2, one, 'pinned')
  expect(seenOf(comparison, one)).toMatchObject({ isLive: true, isPinned: true })
  comparison.addRequest(3, one, 'failed')
  expect(seenOf(comparison, one)).toMatchObject({ isLive: true, isPinned: true })
})

test('neither side nor a doubt makes the other forgotten', () => {
  const comparison = new Comparison()
  comparison.doubt(one)
  comparison.addNodePin(one, { isV0: false, name: 'mine' })
  comparison.addRequest(7, one, 'queued')
  comparison.addNodePin(one, { isV0: false, name: null })
  expect(seenOf(comparison, one)).toEqual({
    isOnNode: true,
    isListed: true,
    isLive: true,
    isPinned: false,
    isInDoubt: true,
  })
  expect(comparison.nameOnNode(one)).toBe('mine')
})

test('a CID counts once, whichever version and however many requests', () => {
  const comparison = new Comparison()
  comparison.addNodePin(keyOf(twin.v0), { isV0: true, name: null })
  comparison.addNodePin(keyOf(twin.v1), { isV0: false, name: null })
  expect(comparison.nodePins).toBe(1)
  const isFirst = [1, 1, 2, 2, 3].map((bucket) => comparison.addRequest(bucket, keyOf(twin.v1), 'failed'))
  expect(isFirst).toEqual([true, false, true, false, true])
  expect(comparison.listed).toBe(1)
  expect(comparison.addRequest(3, one, 'pinned')).toBe(true)
  expect(comparison.listed).toBe(2)
})

test('what the service lacks is shown as the node writes it, with its name', () => {
  const comparison = new Comparison()
  comparison.addNodePin(one, { isV0: false, name: null })
  comparison.addNodePin(keyOf(twin.v0), { isV0: true, name: 'old' })
  comparison.addNodePin(two, { isV0: false, name: 'there' })
  comparison.addRequest(1, one, 'failed')
  comparison.addRequest(1, two, 'queued')
  const [failed, doubted] = cids.take(2).map(keyOf) as [CidKey, CidKey]
  comparison.addRequest(1, failed, 'failed')
  comparison.doubt(doubted)
  const lacking = [...comparison.lackingAtService()]
  expect(lacking.map(({ cid, name }) => [cid.key, cid.text, name])).toEqual([
    [one, oneText, null],
    [keyOf(twin.v0), twin.v0, 'old'],
  ])
  expect([...comparison.onlyOnNode()]).toEqual([keyOf(twin.v0)])
})
