import { expect, test } from 'vitest'
import { peerIdOf, peersOf } from '../../../src/domain/delegate.ts'

const peerId = '12D3KooWNZuG8phqhoNK9KWcUhwfzA3biDKNCUNVWEaJgigr6Acj'

test.each([
  ['a name', `/dns4/ipfs.example/tcp/4001/p2p/${peerId}`, peerId],
  ['the old protocol name', `/ip4/203.0.113.5/tcp/4001/ipfs/${peerId}`, peerId],
  [
    'a peer ID written as a CID',
    '/ip4/203.0.113.5/tcp/4001/p2p/bafzaajaiaejcbpltl72da5f3y7ojrtsa7hsfn5bbnkjbkwyesziqqtdry6vjilku',
    peerId,
  ],
  [
    'an RSA key',
    '/ip4/203.0.113.5/tcp/4001/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC',
    'QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC',
  ],
  [
    'a peer behind a relay',
    `/ip4/203.0.113.5/tcp/4001/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit/p2p/${peerId}`,
    peerId,
  ],
])('reads the peer of an address: %s', (_, address, expected) => {
  expect(peerIdOf(address)).toBe(expected)
})

test('takes the addresses of a peer for one, seen from the first of them to the last', () => {
  const seen = { peerId, exampleCid: 'bafkqaaa', buckets: ['main'] }

  const peers = peersOf([
    { ...seen, address: `/ip4/203.0.113.5/tcp/4001/p2p/${peerId}`, firstSeen: 100, lastSeen: 900 },
    { ...seen, address: `/dns4/ipfs.example/tcp/4001/p2p/${peerId}`, firstSeen: 200, lastSeen: 300 },
    { ...seen, address: 'ipfs.example', peerId: null, firstSeen: 50, lastSeen: 1000 },
  ])

  const addrs = [`/dns4/ipfs.example/tcp/4001/p2p/${peerId}`, `/ip4/203.0.113.5/tcp/4001/p2p/${peerId}`]
  expect(peers).toEqual([{ ...seen, addrs, firstSeen: 100, lastSeen: 900 }])
})

test('takes any number of addresses of one peer', () => {
  const seen = { peerId, exampleCid: 'bafkqaaa', buckets: ['main'] }
  const many = Array.from({ length: 200_000 }, (_, index) => ({
    ...seen,
    address: `/ip4/203.0.113.5/tcp/${index}/p2p/${peerId}`,
    firstSeen: 1000 - (index % 7),
    lastSeen: 1000 + (index % 7),
  }))
  expect(peersOf(many)).toMatchObject([{ peerId, firstSeen: 994, lastSeen: 1006 }])
})

test('peers come in the order in which they were first seen, each with the first example and all buckets', () => {
  const other = 'QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC'
  const third = '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM'
  const seen = (
    peerId: string,
    address: string,
    firstSeen: number,
    exampleCid: string,
    buckets: string[],
  ) => ({
    address,
    peerId,
    firstSeen,
    lastSeen: firstSeen,
    exampleCid,
    buckets,
  })
  const peers = peersOf([
    seen(peerId, '/b', 300, 'one', ['photos', 'main']),
    seen(third, '/d', 200, 'two', ['main']),
    seen(peerId, '/a', 200, 'three', ['archive', 'main']),
    seen(other, '/c', 100, 'four', []),
  ])
  expect(peers).toEqual([
    { peerId: other, addrs: ['/c'], firstSeen: 100, lastSeen: 100, exampleCid: 'four', buckets: [] },
    { peerId: third, addrs: ['/d'], firstSeen: 200, lastSeen: 200, exampleCid: 'two', buckets: ['main'] },
    {
      peerId,
      addrs: ['/a', '/b'],
      firstSeen: 200,
      lastSeen: 300,
      exampleCid: 'one',
      buckets: ['archive', 'main', 'photos'],
    },
  ])
})

test.each([
  '',
  'ipfs.example',
  '/ip4/203.0.113.5/tcp/4001',
  `/ip4/203.0.113.5/tcp/4001/p2p/${peerId}/p2p-circuit`,
  '/ip4/203.0.113.5/tcp/4001/p2p/nobody',
  // A host may be called like a peer.
  `/dns4/${peerId}`,
  `/ip4/203.0.113.5/tcp/4001/p2p/${peerId.slice(0, 26)}`,
  `/ip4/203.0.113.555/tcp/4001/p2p/${peerId}`,
  `/new/protocol/p2p/${peerId}`,
])('finds none in %j', (address) => {
  expect(peerIdOf(address)).toBeUndefined()
})
