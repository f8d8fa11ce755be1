import { describe, expect, test } from 'vitest'
import { longestAddress, mostDelegates } from '../../../src/domain/delegate-bounds.ts'
import { peersIn } from '../../../src/domain/kept-peers.ts'
import { peerIds } from '../../sandbox/identity.ts'

const now = 1000
const ids = peerIds(mostDelegates.peers + 2)
const [alice = '', bob = ''] = ids
/** Which its text shows only when it is parsed. */
const dave = '12D3KooWNZuG8phqhoNK9KWcUhwfzA3biDKNCUNVWEaJgigr6Acj'
const daveAsCid = 'bafzaajaiaejcbpltl72da5f3y7ojrtsa7hsfn5bbnkjbkwyesziqqtdry6vjilku'

const at = (port: number, peerId = alice) => `/ip4/8.8.8.8/tcp/${port}/p2p/${peerId}`
const ports = (count: number, first = 1) => Array.from({ length: count }, (_, index) => first + index)
const kept = (address: string, peerId: string | null, lastSeen: number) => ({ address, peerId, lastSeen })
/** As many addresses as are kept of a peer, the first of them not seen for longest. */
const full = (lastSeen: (port: number) => number, peerId = alice) =>
  ports(mostDelegates.addressesOfPeer).map((port) => kept(at(port, peerId), peerId, lastSeen(port)))

describe('an address', () => {
  test('is news once a run, whether it was kept before or not', () => {
    const peers = peersIn([kept(at(1), alice, 5)], now)
    expect([at(1), at(1)].map(peers.see)).toEqual([
      { peerId: alice, isNews: true },
      { peerId: alice, isNews: false },
    ])
    expect([at(2), at(2)].map(peers.see)).toEqual([
      { peerId: alice, replaces: [], isNews: true },
      { peerId: alice, isNews: false },
    ])
    expect(peers.leftOut).toBe(0)
  })

  test('that does not parse is kept as one of nobody', () => {
    const peers = peersIn([], now)
    expect([at(1, 'x'), at(1, 'x')].map(peers.see)).toEqual([
      { peerId: null, replaces: [], isNews: true },
      { peerId: null, isNews: false },
    ])
  })

  test('that is too long is left out, and counted by its beginning', () => {
    const peers = peersIn([], now)
    const long = 'x'.repeat(longestAddress)
    expect(peers.see(long)).toMatchObject({ peerId: null })
    expect(peers.leftOut).toBe(0)
    for (const more of ['y', 'z', 'zz']) expect(peers.see(long + more)).toEqual({})
    expect(peers.leftOut).toBe(1)
    expect(peers.see(`y${long}`)).toEqual({})
    expect(peers.leftOut).toBe(2)
  })

  test('that was kept before stays, however long the limit would let it be', () => {
    const long = 'x'.repeat(longestAddress + 1)
    expect(peersIn([kept(long, null, 5)], now).see(long)).toEqual({ peerId: null, isNews: true })
  })
})

describe('one address more than are kept of a peer', () => {
  test('takes the place of the one that was not seen for longest, and that of the next', () => {
    const peers = peersIn(
      full((port) => 100 - port),
      now,
    )
    const most = mostDelegates.addressesOfPeer
    expect(peers.see(at(99))).toEqual({ peerId: alice, replaces: [at(most)], isNews: true })
    expect(peers.see(at(98))).toEqual({ peerId: alice, replaces: [at(most - 1)], isNews: true })
    // It is known no more.
    expect(peers.see(at(most))).toEqual({ peerId: alice, replaces: [at(most - 2)], isNews: true })
    expect(peers.leftOut).toBe(0)
  })

  test('takes the place of the first of several that were not seen for as long', () => {
    const peers = peersIn(
      full(() => 5),
      now,
    )
    expect(peers.see(at(99))).toMatchObject({ replaces: [at(1)] })
  })

  test('takes the place of none that was seen in this run', () => {
    const peers = peersIn(
      full((port) => port),
      now,
    )
    peers.see(at(1))
    expect(peers.see(at(99))).toMatchObject({ replaces: [at(2)] })
  })

  test('is left out where all of them were seen in this run, and so are all others of it', () => {
    const peers = peersIn([], now)
    const most = mostDelegates.addressesOfPeer
    for (const port of ports(most)) expect(peers.see(at(port))).toMatchObject({ replaces: [] })
    expect([at(most + 1), at(most + 2), at(most + 1)].map(peers.see)).toEqual([{}, {}, {}])
    expect(peers.leftOut).toBe(2)
    expect(peers.see(at(1))).toEqual({ peerId: alice, isNews: false })
    expect(peers.see(at(1, bob))).toMatchObject({ peerId: bob, replaces: [] })
  })

  test('is one of a peer also where it writes its ID in another way', () => {
    const peers = peersIn(
      full(() => now, dave),
      now,
    )
    expect(peers.see(at(99, daveAsCid))).toEqual({})
    expect(peers.leftOut).toBe(1)
  })

  test('takes the place of one that nobody can read where it cannot be read itself', () => {
    const nonsense = Array.from({ length: 100 }, (_, n) => kept(`x${n}`, null, n === 7 ? 1 : 2))
    const peers = peersIn(nonsense.slice(0, 99), now)
    expect(peers.see('y0')).toMatchObject({ replaces: [] })
    expect(peers.see('y1')).toEqual({ peerId: null, replaces: ['x7'], isNews: true })
  })
})

describe('one peer more than are kept', () => {
  const many = (lastSeen: (index: number) => number) =>
    ids.slice(0, mostDelegates.peers).map((id, index) => kept(at(1, id), id, lastSeen(index)))
  const [one = '', other = ''] = ids.slice(mostDelegates.peers)

  test('takes the place of the one that was not seen for longest, with all its addresses', () => {
    const [, , third = '', fourth = ''] = ids
    const before = [
      ...many((index) => 10 + index),
      // The first has one that was seen for the last time long ago, and one of late; the third two old ones.
      kept(at(2), alice, 900),
      kept(at(0), alice, 1),
      kept(at(2, bob), bob, 800),
    ]
    const peers = peersIn(before, now)
    peers.see(at(1, third))
    expect(peers.see(at(1, one))).toEqual({ peerId: one, replaces: [at(1, fourth)], isNews: true })
    expect(peers.see(at(2, one))).toEqual({ peerId: one, replaces: [], isNews: true })
  })

  test('makes way with all its addresses, and is a new one when it is seen again', () => {
    const peers = peersIn([...many((index) => 10 + index), kept(at(2), alice, 3)], now)
    expect(peers.see(at(1, one))).toEqual({ peerId: one, replaces: [at(1), at(2)], isNews: true })
    expect(peers.see(at(2))).toMatchObject({ peerId: alice, replaces: [at(1, bob)] })
  })

  test('is left out where all were seen in this run, and so are all others', () => {
    const peers = peersIn(
      many((index) => (index === 5 ? 1 : now)),
      now,
    )
    expect(peers.see(at(1, one))).toMatchObject({ replaces: [at(1, ids[5])] })
    expect([at(1, other), at(1, ids[5])].map(peers.see)).toEqual([{}, {}])
    expect(peers.leftOut).toBe(2)
    expect(peers.see('of nobody')).toEqual({})
    expect(peers.see(at(2))).toMatchObject({ peerId: alice, replaces: [] })
  })

  test('may be the addresses that nobody can read', () => {
    const peers = peersIn(
      many(() => now),
      now,
    )
    expect(peers.see('of nobody')).toMatchObject({ peerId: null, replaces: [] })
  })
})

test('so many are read in vain that no more are', () => {
  const unreadable = Array.from({ length: 100 }, (_, n) => kept(`x${n}`, null, now))
  const peers = peersIn(unreadable, now)
  const inVain = 10_000
  for (let n = 1; n < inVain; n++) expect(peers.see(`y${n}`)).toEqual({})
  expect(peers.see(at(1))).toMatchObject({ peerId: alice })
  peers.see('y')
  expect(peers.see(at(2))).toEqual({})
  expect(peers.see(at(1))).toMatchObject({ peerId: alice })
  // No more are told apart than are counted.
  expect(peers.leftOut).toBe(mostDelegates.counted)
})
