import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planSaved, type SavedPeer, type SeenPeer } from '../../../src/domain/saved-peering.ts'
import { peerIds } from '../../sandbox/identity.ts'

const [alice, bob] = peerIds(2).sort() as [string, string]
const dave = '12D3KooWNZuG8phqhoNK9KWcUhwfzA3biDKNCUNVWEaJgigr6Acj'
const daveAsCid = 'bafzaajaiaejcbpltl72da5f3y7ojrtsa7hsfn5bbnkjbkwyesziqqtdry6vjilku'
const one = '/dns4/one.example/tcp/4001'
const two = '/ip4/93.184.216.34/udp/4001/quic-v1'
const now = 1000

const seen = (peerId: string, ...addrs: string[]): SeenPeer => ({
  peerId,
  addrs,
  isKnown: false,
  lastSeen: now,
})
const mine = (peerId: string, lastSeen: number, ...addrs: string[]): SavedPeer => ({
  peerId,
  addrs,
  lastSeen,
})
const entry = (ID: string, ...Addrs: string[]) => ({ ID, Addrs })

describe('the config', () => {
  test.each<[string, unknown[] | null, SavedPeer[], SeenPeer[], unknown[]]>([
    ['unset', null, [], [seen(alice, `${one}/p2p/${alice}`)], [entry(alice, one)]],
    [
      'with entries of others before',
      [entry(dave, two)],
      [],
      [seen(bob, one), seen(alice, one)],
      [entry(dave, two), entry(alice, one), entry(bob, one)],
    ],
    [
      'with new addresses of its own',
      [entry(alice, one)],
      [mine(alice, 5, one)],
      [seen(alice, two)],
      [entry(alice, two)],
    ],
    [
      'with its own between those of others',
      [entry(bob, one), entry(alice, one), { Note: 'x' }],
      [mine(alice, 5, one)],
      [seen(alice, one, two)],
      [entry(bob, one), entry(alice, one, two), { Note: 'x' }],
    ],
    ['without an entry that it wrote', [], [mine(alice, 5, one)], [seen(alice, one)], [entry(alice, one)]],
  ])('%s gets what it lacks', (_, current, written, peers, expected) => {
    const plan = planSaved(current, written, peers, now)
    expect(plan.entries).toEqual(expected)
    expect(plan.isChanged).toBe(true)
    const again = planSaved(plan.entries, plan.mine, peers.toReversed(), now + 1)
    expect(again).toMatchObject({
      entries: plan.entries,
      isChanged: false,
      added: 0,
      extended: 0,
      removed: 0,
    })
  })

  test.each<[string, unknown, SavedPeer[]]>([
    ['of others', entry(alice, one), []],
    ['that somebody gave another address', entry(alice, one, two), [mine(alice, 5, one)]],
    ['that somebody gave a note', { ...entry(alice, one), Note: 'ours' }, [mine(alice, 5, one)]],
    ['with an address that is none', { ID: alice, Addrs: [one, 1] }, [mine(alice, 5, one)]],
    ['without addresses', { ID: alice, Addrs: null }, [mine(alice, 5, one)]],
    ['without a list of them', { ID: alice }, []],
    ['with addresses that are none', { ID: alice, Addrs: [1] }, [mine(alice, 5, one)]],
  ])('keeps an entry as it is %s', (_, there, written) => {
    const plan = planSaved([there], written, [seen(alice, two)], now)
    expect(plan).toMatchObject({ entries: [there], mine: [], isChanged: false })
    expect(plan.entries[0]).toBe(there)
  })

  test('gets those that it lacks in the order of their IDs', () => {
    const ids = peerIds(7)
    const plan = planSaved(
      null,
      [],
      ids.map((id) => seen(id, one)),
      now,
    )
    expect(plan.entries).toEqual(ids.toSorted().map((id) => entry(id, one)))
  })

  test('takes an ID in another form for the same peer', () => {
    const there = entry(daveAsCid, one)
    expect(planSaved([there], [], [seen(dave, two)], now).entries).toEqual([there])
    expect(planSaved([there], [mine(dave, 5, one)], [seen(dave, two)], now).entries).toEqual([there])
  })

  test('takes none of two entries of one peer for its own', () => {
    const both = [entry(alice, one), entry(alice, one)]
    expect(planSaved(both, [mine(alice, 5, one)], [seen(alice, two)], now).entries).toEqual(both)
  })

  test.each([
    null,
    'alice',
    7,
    {},
    { ID: 'nobody', Addrs: [one] },
    { Addrs: [one] },
    { ID: [alice], Addrs: [one] },
  ])('keeps what is no entry: %j', (odd) => {
    expect(planSaved([odd], [], [seen(alice, one)], now).entries).toEqual([odd, entry(alice, one)])
  })

  test('keeps its own who are not seen now, while there is room', () => {
    const there = [entry(alice, one)]
    expect(planSaved(there, [mine(alice, 5, one)], [seen(bob, one)], now)).toMatchObject({
      entries: [...there, entry(bob, one)],
      mine: [mine(bob, now, one), mine(alice, 5, one)],
    })
  })

  test('has 100 of its own at most: the known, those there and seen, those seen, and then the last seen', () => {
    const ids = peerIds(150)
    const [known = '', stale = ''] = ids
    const written = [mine(stale, 7, one), ...ids.slice(50).map((id, index) => mine(id, index % 7, one))]
    const there = [entry(dave, one), ...written.map(({ peerId }) => entry(peerId, one))].slice(0, 101)
    const peers = [...ids.slice(2, 120).map((id) => seen(id, one)), { ...seen(known, one), isKnown: true }]
    const plan = planSaved(there, written.slice(0, 100), peers, now)
    const owners = plan.entries.map((one) => (one as { ID: string }).ID)
    expect(owners).toHaveLength(101)
    expect(owners[0]).toBe(dave)
    expect(owners).toContain(known)
    for (const id of ids.slice(50, 120)) expect(owners).toContain(id)
    expect(owners).not.toContain(stale)
    expect(plan).toMatchObject({ removed: 30, added: 30, leftOut: 19 })
    expect(plan.mine).toHaveLength(100)
  })

  test('has those seen lately before those that only old requests name, also in the place of their entries', () => {
    const ids = peerIds(123)
    const month = 31 * 24 * 3_600_000
    const old = ids.slice(0, 120).map((id, index) => ({ ...seen(id, one), lastSeen: index }))
    const before = planSaved(null, [], old, month)
    expect(before.mine.map(({ lastSeen }) => lastSeen)).toEqual(
      Array.from({ length: 100 }, (_, n) => 119 - n),
    )
    const fresh = ids.slice(120).map((id) => ({ ...seen(id, two), lastSeen: month }))
    const plan = planSaved(before.entries, before.mine, [...old, ...fresh], month + 1)
    expect(plan).toMatchObject({ added: 3, removed: 3, leftOut: 23, isChanged: true })
    const saved = new Map(plan.mine.map(({ peerId, lastSeen }) => [peerId, lastSeen]))
    for (const { peerId } of fresh) expect(saved.get(peerId)).toBe(month)
    for (const { peerId, lastSeen } of old) expect(saved.has(peerId)).toBe(lastSeen >= 23)
  })

  test('keeps those that have an entry where more were seen lately than there is room for', () => {
    const peers = peerIds(120).map((id) => seen(id, one))
    const before = planSaved(null, [], peers, now)
    const next = peers.map((peer, index) => ({ ...peer, lastSeen: now + index }))
    expect(planSaved(before.entries, before.mine, next, now + 200).isChanged).toBe(false)
  })

  test('knows its own by either of two forms, as it may not have come to write the newer one', () => {
    const both = [mine(alice, 5, one), mine(alice, 6, two)]
    for (const place of [one, two]) {
      const there = entry(alice, place)
      const plan = planSaved([there], both, [seen(alice, two)], now)
      expect(plan).toMatchObject({
        entries: [entry(alice, two)],
        mine: [mine(alice, now, two)],
        mineNow: [mine(alice, place === one ? 5 : 6, place)],
        isChanged: place === one,
      })
    }
  })

  test('keeps all of its own that there was room for', () => {
    const addrs = Array.from({ length: 8 }, (_, index) => `/dns4/${'x'.repeat(900)}.example/tcp/${index + 1}`)
    const peers = peerIds(80).map((id) => seen(id, ...addrs))
    const before = planSaved(null, [], peers, now)
    expect(before.leftOut).toBeGreaterThan(0)
    expect(planSaved(before.entries, before.mine, peers, now).isChanged).toBe(false)
  })

  test('has few addresses of a peer, and never more than a request takes', () => {
    const long = (index: number) => `/dns4/${'x'.repeat(900)}.example/tcp/${index + 1}`
    const addrs = Array.from({ length: 20 }, (_, index) => long(index))
    const peers = peerIds(500).map((id) => seen(id, ...addrs))
    const user = Array.from({ length: 100 }, (_, index) => entry(dave, long(index)))
    const plan = planSaved(user, [], peers, now)
    expect((plan.entries.at(-1) as { Addrs: unknown[] }).Addrs).toHaveLength(8)
    expect(encodeURIComponent(JSON.stringify(plan.entries)).length).toBeLessThan(510_000)
    expect(plan.added + plan.leftOut).toBe(500)
    expect(plan.entries.slice(0, 100)).toEqual(user)
  })
})

test('never touches what is not its own, whatever is in the config', () => {
  const ids = peerIds(5)
  const id = fc.constantFrom(...ids)
  const addrs = fc.uniqueArray(fc.constantFrom(one, two, '/ip4/8.8.8.8/tcp/1'), { maxLength: 3 })
  const entries = fc.array(fc.oneof(fc.record({ ID: id, Addrs: addrs }), fc.jsonValue()), { maxLength: 8 })
  const peers = fc.array(fc.record({ peerId: id, addrs, lastSeen: fc.nat(10), isKnown: fc.boolean() }), {
    maxLength: 5,
  })
  fc.assert(
    fc.property(entries, peers, peers, (current, written, shown) => {
      const distinct = [...new Map(written.map((peer) => [peer.peerId, peer])).values()]
      const named = [...new Map(shown.map((peer) => [peer.peerId, peer])).values()]
      const plan = planSaved(current, distinct, named, now)
      const foreign = current.filter((one) => {
        const ID = (one as { ID?: unknown } | null)?.ID
        return !distinct.some(({ peerId }) => peerId === ID)
      })
      expect(plan.entries.filter((one) => foreign.includes(one as never))).toEqual(foreign)
      const again = planSaved(plan.entries, plan.mine, named, now)
      expect(again.isChanged).toBe(false)
    }),
  )
})
