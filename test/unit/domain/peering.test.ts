import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eachOnce, mergePeering, type PeerAddresses } from '../../../src/domain/peering.ts'

const alice = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const bob = '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM'
const carol = '12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R'
const rsa = 'QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC'
const dave = '12D3KooWNZuG8phqhoNK9KWcUhwfzA3biDKNCUNVWEaJgigr6Acj'
const daveAsCid = 'bafzaajaiaejcbpltl72da5f3y7ojrtsa7hsfn5bbnkjbkwyesziqqtdry6vjilku'
const one = '/dns4/one.example/tcp/4001'
const two = '/ip4/203.0.113.5/udp/4001/quic-v1'
const peer = (peerId: string, ...addrs: string[]): PeerAddresses => ({ peerId, addrs })

describe('mergePeering', () => {
  test.each<[string, unknown[] | null, PeerAddresses[], unknown[]]>([
    ['an unset config', null, [peer(alice, `${one}/p2p/${alice}`)], [{ ID: alice, Addrs: [one] }]],
    ['an empty config', [], [peer(alice, one)], [{ ID: alice, Addrs: [one] }]],
    [
      'new peers sorted, after those of others',
      [{ ID: rsa, Addrs: [two] }],
      [peer(alice, one), peer(bob, one), peer(carol)],
      [
        { ID: rsa, Addrs: [two] },
        { ID: carol, Addrs: [] },
        { ID: bob, Addrs: [one] },
        { ID: alice, Addrs: [one] },
      ],
    ],
    [
      'a peer given twice, and an address in two ways of writing',
      null,
      [peer(alice, `${one}/p2p/${alice}`, one), peer(alice, `${one}/ipfs/${alice}`, `${two}/p2p/${alice}`)],
      [{ ID: alice, Addrs: [one, two] }],
    ],
    [
      'new addresses after those there, in their order',
      [{ ID: alice, Addrs: [two] }],
      [peer(alice, one, two)],
      [{ ID: alice, Addrs: [two, one] }],
    ],
    [
      'an entry that writes the ID behind its addresses',
      [{ ID: alice, Addrs: [`${two}/p2p/${alice}`] }],
      [peer(alice, one, two)],
      [{ ID: alice, Addrs: [`${two}/p2p/${alice}`, `${one}/p2p/${alice}`] }],
    ],
    [
      'an entry with fields that nobody knows',
      [{ Note: 'ours', ID: alice, Addrs: [], Since: { year: 2023 } }],
      [peer(alice, one)],
      [{ Note: 'ours', ID: alice, Addrs: [one], Since: { year: 2023 } }],
    ],
    [
      'entries of a peer without a list of addresses',
      [{ ID: alice, Addrs: null }, { ID: bob }],
      [peer(alice, one), peer(bob, one)],
      [
        { ID: alice, Addrs: [one] },
        { ID: bob, Addrs: [one] },
      ],
    ],
    [
      'a peer ID written as a CID',
      [{ ID: daveAsCid, Addrs: [two] }],
      [peer(dave, one)],
      [{ ID: daveAsCid, Addrs: [two, one] }],
    ],
    [
      'several entries of one peer: the last counts for Kubo',
      [
        { ID: alice, Addrs: [one] },
        { ID: alice, Addrs: [] },
      ],
      [peer(alice, one)],
      [
        { ID: alice, Addrs: [one] },
        { ID: alice, Addrs: [one] },
      ],
    ],
    [
      'an address behind a relay',
      [{ ID: alice, Addrs: [`${two}/p2p/${bob}/p2p-circuit`] }],
      [
        peer(
          alice,
          `${two}/p2p/${bob}/p2p-circuit/p2p/${alice}`,
          `${one}/p2p/${bob}/p2p-circuit/p2p/${alice}`,
        ),
      ],
      [{ ID: alice, Addrs: [`${two}/p2p/${bob}/p2p-circuit`, `${one}/p2p/${bob}/p2p-circuit`] }],
    ],
  ])('adds to %s', (_, current, peers, expected) => {
    const merged = mergePeering(current, peers)
    expect(merged).toMatchObject({ entries: expected, isChanged: true })
    expect(Object.keys(merged.entries[0] as object)).toEqual(Object.keys(expected[0] as object))
  })

  test.each<[string, unknown[] | null, PeerAddresses[]]>([
    ['nobody is given', null, []],
    ['all is there', [{ ID: alice, Addrs: [two, one] }], [peer(alice, one), peer(alice, two)]],
    ['it is written with the ID', [{ ID: alice, Addrs: [`${one}/p2p/${alice}`] }], [peer(alice, one)]],
    [
      'it is written in a longer way',
      [{ ID: alice, Addrs: ['/ip6/0:0::1/tcp/1'] }],
      [peer(alice, '/ip6/::1/tcp/1')],
    ],
    ['a peer without address is there', [{ ID: alice, Addrs: null }], [peer(alice, `/p2p/${alice}`)]],
  ])('changes nothing where %s', (_, current, peers) => {
    expect(mergePeering(current, peers)).toEqual({
      entries: current ?? [],
      added: 0,
      extended: 0,
      isChanged: false,
    })
  })

  test.each([
    ['no ID', { Addrs: [one] }],
    ['an ID that is none', { ID: 'nobody', Addrs: [one] }],
    ['addresses that are none', { ID: bob, Addrs: [1, 2] }],
    ['no object', 'alice'],
    ['null', null],
  ])('leaves an entry as it is that has %s', (_, entry) => {
    const { entries } = mergePeering([entry, { ID: rsa, Addrs: [two] }], [peer(alice, one)])
    expect(entries).toEqual([entry, { ID: rsa, Addrs: [two] }, { ID: alice, Addrs: [one] }])
    expect(entries[0]).toBe(entry)
  })

  test('counts who is new and who has more addresses', () => {
    const current = [
      { ID: alice, Addrs: [one] },
      { ID: bob, Addrs: [one] },
    ]
    const peers = [peer(alice, two, one), peer(bob, one), peer(carol, one), peer(rsa, one)]
    expect(mergePeering(current, peers)).toMatchObject({ added: 2, extended: 1 })
  })
})

describe('whatever is in the config', () => {
  const ids = [alice, bob, carol, dave, rsa]
  const places = ['/ip4/203.0.113.5/tcp/1', '/ip6/::1/tcp/2', '/dns4/a b.example/tcp/3', two, one]
  const peerId = fc.constantFrom(...ids)
  const writtenOf = (id: string) =>
    fc
      .tuple(fc.constantFrom(...places), fc.constantFrom('', `/p2p/${id}`, `/ipfs/${id}`))
      .map((parts) => parts.join(''))
  const given = fc.array(
    peerId.chain((id) => fc.array(writtenOf(id), { maxLength: 6 }).map((addrs) => peer(id, ...addrs))),
    { maxLength: 8 },
  )
  const good = peerId.chain((ID) =>
    fc.record(
      {
        ID: fc.constant(ID),
        Addrs: fc.oneof(fc.uniqueArray(writtenOf(ID), { maxLength: 4 }), fc.constant(null)),
        Note: fc.string(),
      },
      { requiredKeys: ['ID'] },
    ),
  )
  const bad = fc.oneof(
    fc.jsonValue(),
    fc.record({ Addrs: fc.array(fc.string()) }),
    fc.record({ ID: fc.string(), Addrs: fc.anything() }),
  )
  /** Of no peer more than one entry, as the node's own tools write it. */
  const config = fc.option(
    fc.array(fc.oneof(good, bad)).map((entries) => {
      const seen = new Set<unknown>()
      return entries.filter((entry) => {
        const id = (entry as { ID?: unknown } | null)?.ID
        if (typeof id !== 'string') return true
        return !seen.has(id) && seen.add(id)
      })
    }),
  )

  test('gives the same when it is done twice', () => {
    fc.assert(
      fc.property(config, given, (current, peers) => {
        const once = mergePeering(current, peers)
        const twice = mergePeering(once.entries, peers.toReversed())
        expect(twice).toEqual({ entries: once.entries, added: 0, extended: 0, isChanged: false })
      }),
    )
  })

  test('leaves entries of others untouched and in their place', () => {
    fc.assert(
      fc.property(config, given, (current, peers) => {
        const { entries } = mergePeering(current, peers)
        for (const [place, entry] of (current ?? []).entries()) {
          const id = (entry as { ID?: unknown } | null)?.ID
          if (!peers.some((one) => one.peerId === id)) expect(entries[place]).toBe(entry)
          else expect(entries[place]).toMatchObject({ ID: id })
        }
      }),
    )
  })

  test('has each peer once, with what was there first and all its addresses once', () => {
    fc.assert(
      fc.property(config, given, (current, peers) => {
        const { entries } = mergePeering(current, peers)
        for (const { peerId: id, addrs } of eachOnce(peers)) {
          const same = entries.filter((entry) => (entry as { ID?: unknown } | null)?.ID === id)
          expect(same).toHaveLength(1)
          const { Addrs } = same[0] as { Addrs?: string[] | null }
          const bare = (Addrs ?? []).map((address) => address.replace(/\/(p2p|ipfs)\/[^/]+$/, ''))
          expect(bare).toEqual(expect.arrayContaining([...addrs]))
          const there = (current ?? []).find((entry) => (entry as { ID?: unknown } | null)?.ID === id)
          const before = (there as { Addrs?: string[] | null } | undefined)?.Addrs ?? []
          expect(Addrs?.slice(0, before.length) ?? []).toEqual(before)
          expect(new Set(bare.slice(before.length)).size).toBe(bare.length - before.length)
        }
      }),
    )
  })
})
