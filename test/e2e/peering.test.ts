import { afterAll, describe, expect, test, vi } from 'vitest'
import { Http } from '../../src/http.ts'
import { Kubo as KuboNode } from '../../src/node/kubo.ts'
import { PeeringBook } from '../../src/snapshot/peering-book.ts'
import { DelegateConnector } from '../../src/sync/delegates.ts'
import { NodePeering } from '../../src/sync/node-peering.ts'
import { savePeering } from '../../src/sync/save-peering.ts'
import { havePeers } from '../peers/build.ts'
import { Kubo } from '../peers/kubo.ts'
import { peerIds } from '../sandbox/identity.ts'
import { emptySnapshot } from '../unit/snapshot/empty.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const never = new AbortController().signal
const foreigner = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const dead = '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM'

const clientOf = (kubo: Kubo) => new KuboNode({ http, url: new URL(kubo.apiUrl), authorization: undefined })
const peersOf = async (kubo: Kubo) => [...(await clientOf(kubo).connectedPeers(never))]
const placeOf = (kubo: Kubo) => (kubo.addresses[0] ?? '').replace(/\/p2p\/.*/, '')

/** A connector as the phase makes it; a mirror's runs share a book. */
function connectorOf(
  kubo: Kubo,
  known: readonly { readonly peerId: string; readonly addrs: readonly string[] }[],
  { stays = true, book = new PeeringBook(emptySnapshot(), kubo.peerId) } = {},
): DelegateConnector {
  return new DelegateConnector(clientOf(kubo), {
    self: kubo.peerId,
    peering: new NodePeering(clientOf(kubo), book, stays),
    wanted: known.map((peer) => ({ ...peer, isTold: true })),
    mayDial: () => true,
    onFault: (_, error) => {
      throw error
    },
    cancel: never,
  })
}

describe.skipIf(!havePeers())('peering of a real Kubo', () => {
  test('is saved beside what others wrote, once, and holds after a restart', async () => {
    await using friend = await Kubo.start()
    const foreign = { Addrs: ['/ip4/203.0.113.5/tcp/4001'], ID: foreigner, Note: 'ours <&>' }
    await using kubo = await Kubo.start({ 'Peering.Peers': [foreign] })
    const known = [
      { peerId: friend.peerId, addrs: ['/ip4/127.0.0.1/tcp/1', ...friend.addresses, placeOf(friend)] },
      // Kubo can't read the first of these, and would refuse the whole list for it.
      { peerId: dead, addrs: [`/garlic64/jT/p2p/${dead}`, `/ip4/127.0.0.1/tcp/1/p2p/${dead}`] },
      // The user's own entry stays as it is.
      { peerId: foreigner, addrs: ['/ip4/127.0.0.1/tcp/3'] },
    ]
    const book = new PeeringBook(emptySnapshot(), kubo.peerId)
    const save = async () => {
      await using delegates = connectorOf(kubo, known, { book })
      await delegates.start(never)
      const peered = delegates.peered.map((peer) => ({ ...peer, isKnown: true, lastSeen: 0 }))
      return [await savePeering(clientOf(kubo), book, peered, never), delegates.wanted] as const
    }
    const config = () => kubo.run('config', 'Peering.Peers')

    const [written, states] = await save()
    expect(written).toEqual({ isWritten: true, added: 2, extended: 0, removed: 0, leftOut: 0 })
    const refused = {
      connected: false,
      reason: expect.stringContaining('connection refused'),
      answered: false,
    }
    expect(states).toEqual([
      { peerId: friend.peerId, connected: true, reason: null, answered: true },
      { peerId: dead, ...refused },
      { peerId: foreigner, ...refused },
    ])
    const first = await config()
    const [ofOthers, ...ours] = JSON.parse(first) as unknown[]
    expect(JSON.stringify(ofOthers)).toBe(JSON.stringify(foreign))
    expect(ours).toHaveLength(2)
    expect(ours).toContainEqual({
      ID: dead,
      Addrs: expect.arrayContaining(['/ip4/127.0.0.1/tcp/1']),
    })
    const friends = {
      ID: friend.peerId,
      Addrs: expect.arrayContaining(['/ip4/127.0.0.1/tcp/1', placeOf(friend)]),
    }
    expect(ours).toContainEqual(friends)

    expect(await save()).toMatchObject([{ isWritten: false, added: 0, extended: 0, removed: 0 }, {}])
    expect(await config()).toBe(first)

    await kubo.restart()
    const listed = await clientOf(kubo).peeredPeers(never)
    expect(listed.map(({ peerId }) => peerId).sort()).toEqual([foreigner, dead, friend.peerId].sort())
    // Kubo's first dial comes some 10 s after its start.
    await vi.waitFor(async () => expect(await peersOf(kubo)).toEqual([friend.peerId]), {
      timeout: 120_000,
      interval: 250,
    })
  })

  test('takes as many peers into its config as a mirror ever writes, at once', async () => {
    await using kubo = await Kubo.start()
    const long = (port: number) => `/dns4/${'x'.repeat(60)}.${'y'.repeat(60)}.example.org/tcp/${port}`
    const addrs = Array.from({ length: 20 }, (_, port) => long(port + 1))
    const many = peerIds(2496).map((peerId) => ({ peerId, addrs, isKnown: false, lastSeen: 0 }))
    const book = new PeeringBook(emptySnapshot(), kubo.peerId)
    const written = await savePeering(clientOf(kubo), book, many, never)
    expect(written).toMatchObject({ isWritten: true, added: 100, leftOut: 2396 })
    expect(await clientOf(kubo).readPeering(never)).toHaveLength(100)
  })

  test('lasts until the daemon ends with `connect`, which leaves the config alone', async () => {
    await using friend = await Kubo.start()
    await using kubo = await Kubo.start()
    {
      await using delegates = connectorOf(kubo, [{ peerId: friend.peerId, addrs: friend.addresses }])
      await delegates.start(never)
      expect(delegates.wanted).toEqual([
        { peerId: friend.peerId, connected: true, reason: null, answered: true },
      ])
    }
    const dropped = async () => expect(await peersOf(kubo)).toEqual([])
    await kubo.rpc('swarm/disconnect', { arg: friend.addresses[0] ?? '' })
    await dropped()
    await vi.waitFor(async () => expect(await peersOf(kubo)).toEqual([friend.peerId]), {
      timeout: 120_000,
      interval: 250,
    })
    await kubo.restart()
    expect(await clientOf(kubo).peeredPeers(never)).toEqual([])
    expect(await clientOf(kubo).readPeering(never)).toBe(null)
  })

  test('is as before where it lasts no longer than the run', async () => {
    await using friend = await Kubo.start()
    const foreign = { ID: foreigner, Addrs: ['/ip4/127.0.0.1/tcp/9'] }
    await using kubo = await Kubo.start({ 'Peering.Peers': [foreign] })
    const before = await kubo.rpc('swarm/peering/ls')
    {
      const known = [
        { peerId: friend.peerId, addrs: friend.addresses },
        { peerId: foreigner, addrs: ['/ip4/127.0.0.1/tcp/1'] },
      ]
      await using delegates = connectorOf(kubo, known, { stays: false })
      await delegates.start(never)
      expect((await clientOf(kubo).peeredPeers(never)).map(({ peerId }) => peerId)).toContain(friend.peerId)
    }
    expect(await kubo.rpc('swarm/peering/ls')).toBe(before)
  })
})
