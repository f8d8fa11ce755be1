import { describe, expect, test } from 'vitest'
import type { Config } from '../../../src/config/types.ts'
import { type Inputs, lines, problemsOf, read } from './step.ts'

const peerA = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const peerB = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'

test.each<[Inputs, Partial<Config>]>([
  [{ origins: 'none' }, { origins: 'none' }],
  [{ origins: `/ip4/1.2.3.4/tcp/4001/p2p/${peerA}` }, { origins: [`/ip4/1.2.3.4/tcp/4001/p2p/${peerA}`] }],
])('good: %j', (inputs, expected) => {
  expect(read(inputs)).toMatchObject(expected)
})

test.each<[Inputs, ...string[]]>([
  [
    { delegates: `# ours\n/ip4/1.2.3.4/tcp/4001/p2p/${peerA}\n/ip4/1.2.3.4/tcp/4001\n1.2.3.4` },
    '`delegates` line 3 must be a multiaddr that ends in /p2p/ and a peer ID, not "/ip4/1.2.3.4/tcp/4001".',
    '`delegates` line 4 must be a multiaddr that ends in /p2p/ and a peer ID, not "1.2.3.4".',
  ],
  [
    { origins: lines('auto', `/ip4/1.2.3.4/tcp/4001/p2p/${peerA}`) },
    '`origins` line 1 must be a multiaddr that ends in /p2p/ and a peer ID, not "auto".',
  ],
  [{ origins: '# auto' }, '`origins` holds comments alone: expected auto, none, or multiaddrs, one a line.'],
  [
    { origins: Array.from({ length: 21 }, (_, i) => `/ip4/1.2.3.${i}/tcp/4001/p2p/${peerA}`).join('\n') },
    '`origins` must be at most 20 multiaddrs; there are 21.',
  ],
])('bad: %j', (inputs, ...expected) => {
  expect(problemsOf(inputs)).toEqual(expected)
})

describe('delegates', () => {
  const a1 = `/ip4/1.2.3.4/tcp/4001/p2p/${peerA}`
  const a2 = `/ip6/2001:db8::1/udp/4001/quic-v1/p2p/${peerA}`
  const b = `/dns4/b.example/tcp/4001/p2p/${peerB}`
  const relayed = `/ip4/1.2.3.4/tcp/4001/p2p/${peerB}/p2p-circuit/p2p/${peerA}`

  test('are grouped by peer, each address once', () => {
    expect(read({ delegates: lines(a1, b, '# and', a2, a1, relayed) }).delegates).toEqual([
      { peerId: peerA, addrs: [a1, a2, relayed] },
      { peerId: peerB, addrs: [b] },
    ])
  })

  test("are Filebase's at Filebase's endpoint, and unknown elsewhere", () => {
    const known = read({}).delegates
    expect(known?.map(({ addrs }) => addrs)).toEqual([
      ['/dns4/ipfs-pin-0.vin1.filebase.io/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'],
      ['/dns4/ipfs-pin-1.vin1.filebase.io/tcp/4001/p2p/12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM'],
      ['/dns4/ipfs-pin-2.vin1.filebase.io/tcp/4001/p2p/12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R'],
    ])
    expect(known?.map(({ peerId }) => peerId)).toEqual(known?.map(({ addrs }) => addrs[0]?.split('/').at(-1)))
    expect(read({ endpoint: 'https://api.filebase.io/v1/ipfs/pins' }).delegates).toEqual(known)
    expect(read({ endpoint: 'https://api.pinata.cloud/psa' }).delegates).toBeUndefined()
    expect(read({ delegates: b }).delegates).toEqual([{ peerId: peerB, addrs: [b] }])
  })
})
