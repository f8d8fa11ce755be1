import { describe, expect, test } from 'vitest'
import { obstacleTo, type Reachability } from '../../../src/domain/reachability.ts'

const peer = '/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const relay = '/p2p/12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM/p2p-circuit'
const tcp = '/ip4/8.8.8.8/tcp/4001'
const quic = '/ip4/8.8.8.8/udp/4001/quic-v1'
const lan = '/ip4/192.168.1.7/tcp/4001'
const home = [`${lan}${peer}`, `/ip4/127.0.0.1/tcp/4001${peer}`]
const behindRelay = [...home, `${tcp}${relay}${peer}`]
const open = [...home, `${tcp}${peer}`, `${quic}${peer}`]

const knows = (known: Partial<Reachability>): Reachability => ({
  status: 'unknown',
  nat: null,
  reachable: [],
  unreachable: [],
  ...known,
})
const noAddress = { kind: 'no-public-address', nat: null }
const notReachable = { kind: 'not-reachable', nat: null }

describe('what keeps a service from dialling a node', () => {
  test.each([
    ['a node at home that cannot tell', 'auto', home, undefined, noAddress],
    ['a node at home that does not know yet', 'auto', home, knows({}), noAddress],
    ['addresses through a relay alone', 'auto', behindRelay, knows({}), noAddress],
    ['no address at all, as offline', 'auto', [], undefined, noAddress],
    ['a public address, and no more known', 'auto', open, undefined, null],
    ['a public address, not tried yet', 'auto', open, knows({}), null],
    ['a node that was dialled', 'auto', open, knows({ status: 'public', reachable: [tcp] }), null],
    ['one address of two', 'auto', open, knows({ reachable: [tcp], unreachable: [quic] }), null],
    [
      'one that was dialled before it became private',
      'auto',
      open,
      knows({ status: 'private', reachable: [tcp] }),
      null,
    ],
    ['a node that says that it is private', 'auto', open, knows({ status: 'private' }), notReachable],
    ['all addresses tried in vain', 'auto', open, knows({ unreachable: [quic, tcp] }), notReachable],
    ['some tried in vain, others not yet', 'auto', open, knows({ unreachable: [quic] }), null],
    [
      'what lies in front of it',
      'auto',
      home,
      knows({ status: 'private', nat: 'cgnat' }),
      { ...noAddress, nat: 'cgnat' },
    ],
    ['no origins: the service finds the node by itself', 'none', home, undefined, null],
    ['no origins, and not tried yet', 'none', home, knows({}), null],
    ['no origins, and private', 'none', home, knows({ status: 'private' }), notReachable],
    ['no origins, and tried in vain', 'none', open, knows({ unreachable: [tcp, quic] }), notReachable],
    ['no origins, and dialled', 'none', home, knows({ status: 'public', reachable: [tcp] }), null],
    ['origins by the user, who knows better', [`${lan}${peer}`], home, knows({ status: 'private' }), null],
  ] as const)('%s', (_, origins, addresses, reachability, expected) => {
    expect(obstacleTo(origins, addresses, reachability)).toEqual(expected)
  })
})
