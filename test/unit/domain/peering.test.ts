import { describe, expect, test } from 'vitest'
import { dialable, eachOnce, hasOnly, mergeAddresses } from '../../../src/domain/peering.ts'

const alice = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const bob = '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM'
const one = '/dns4/one.example/tcp/4001'
const two = '/ip4/203.0.113.5/udp/4001/quic-v1'
const relayed = `${two}/p2p/${bob}/p2p-circuit`

describe('addresses of a peer', () => {
  test.each<[string, string[], string[], string[]]>([
    ['in two ways of writing', [], [`${one}/p2p/${alice}`, one, `${one}/ipfs/${alice}`], [one]],
    ['after those there, in their order', [two], [one, two], [two, one]],
    [
      'where those there end in the ID',
      [`${two}/p2p/${alice}`],
      [one, two],
      [`${two}/p2p/${alice}`, `${one}/p2p/${alice}`],
    ],
    [
      'where some of those there end in the ID',
      [`${two}/p2p/${alice}`, '/ip4/9.9.9.9/tcp/1'],
      [one],
      [`${two}/p2p/${alice}`, '/ip4/9.9.9.9/tcp/1', one],
    ],
    ['that end in the ID of another', [], [`${one}/p2p/${bob}`], [`${one}/p2p/${bob}`]],
    ['of a host that is called like it', [], [`/dns4/${alice}`], [`/dns4/${alice}`]],
    ['written in a longer way', ['/ip6/0:0::1/tcp/1'], ['/ip6/::1/tcp/1'], ['/ip6/0:0::1/tcp/1']],
    ['behind a relay', [relayed], [`${relayed}/p2p/${alice}`, one], [relayed, one]],
    ['that name no place', [], [`/p2p/${alice}`], []],
    ['that nobody here knows', ['/new/x'], [`/new/x/p2p/${alice}`, '/new/y'], ['/new/x', '/new/y']],
  ])('are merged: %s', (_, there, more, expected) => {
    expect(mergeAddresses(alice, there, more)).toEqual(expected)
    expect(hasOnly(alice, more, expected)).toBe(true)
    expect(hasOnly(alice, expected, there)).toBe(expected.length === there.length)
  })

  test('end in the ID where they are dialled; without any it is the ID', () => {
    expect(dialable(alice, [one, `${two}/p2p/${alice}`])).toEqual([
      `${one}/p2p/${alice}`,
      `${two}/p2p/${alice}`,
    ])
    expect(dialable(alice, [])).toEqual([`/p2p/${alice}`])
  })

  test('are put together where a peer is given twice', () => {
    const peers = [
      { peerId: alice, addrs: [one] },
      { peerId: bob, addrs: [one] },
      { peerId: alice, addrs: [two, `${one}/p2p/${alice}`] },
    ]
    expect(eachOnce(peers)).toEqual([
      { peerId: alice, addrs: [one, two] },
      { peerId: bob, addrs: [one] },
    ])
  })
})
