import { expect, test } from 'vitest'
import { Followed } from '../../../../src/backup/in-bulk/followed.ts'
import { InHand } from '../../../../src/backup/in-bulk/in-hand.ts'
import { parseCid } from '../../../../src/domain/cid.ts'
import { Cids } from '../../../sandbox/identity.ts'

/** So many CIDs that were given to a node, all of them going on. */
function given(count: number, most: ConstructorParameters<typeof InHand>[0]) {
  const inHand = new InHand(most)
  const all = new Cids(1).take(count).map((text, index) => {
    const cid = parseCid(text)
    if (cid === undefined) throw new Error('it is no CID')
    const item = { index, cid, name: null, bucket: 'main', delegates: [], size: null }
    return new Followed({ item, round: 1, why: null, restarts: 0 }, undefined)
  })
  for (const one of all) inHand.add(one)
  const see = (one: Followed | undefined, isHindered: boolean) => {
    if (one === undefined) throw new Error('there are not as many')
    one.hindered = isHindered ? [{ peerId: 'peer', words: 'it is away' }] : undefined
    return inHand.sort(one)
  }
  return { inHand, all, see }
}

test('what waits for a peer in trouble takes no place of others, until it goes on', () => {
  const { inHand, all, see } = given(3, { going: 3, hindered: 3 })
  expect(inHand.room).toBe(0)
  see(all[0], true)
  see(all[1], true)
  expect(inHand).toMatchObject({ room: 2, size: 3, going: [all[2]], hindered: [all[0], all[1]] })
  see(all[0], false)
  expect(inHand).toMatchObject({ room: 1, size: 3, going: [all[2], all[0]], hindered: [all[1]] })
})

test('those that were looked at longest ago come first', () => {
  const { inHand, all, see } = given(3, { going: 3, hindered: 3 })
  for (const one of all) see(one, true)
  expect(inHand.longestUnseen(2)).toEqual([all[0], all[1]])
  see(all[0], true)
  expect(inHand.longestUnseen(2)).toEqual([all[1], all[2]])
})

test('only so many are kept in sight: any more are let go of', () => {
  const { inHand, all, see } = given(3, { going: 3, hindered: 1 })
  expect(all.map((one) => see(one, true))).toEqual([false, true, true])
  expect(inHand).toMatchObject({ size: 1, hindered: [all[0]] })
  expect(see(all[0], true)).toBe(false)
})

test('what was dropped is not taken up again', () => {
  const { inHand, all, see } = given(1, { going: 1, hindered: 1 })
  inHand.drop(all[0] as Followed)
  expect(see(all[0], true)).toBe(false)
  expect(inHand.size).toBe(0)
})
