import { afterAll, describe, expect, test, vi } from 'vitest'
import { Http } from '../../src/http.ts'
import { Kubo as KuboNode } from '../../src/node/kubo.ts'
import { peerWith } from '../../src/sync/peering.ts'
import { havePeers } from '../peers/build.ts'
import { Kubo } from '../peers/kubo.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const never = new AbortController().signal
const foreigner = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const dead = '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM'

const clientOf = (kubo: Kubo) => new KuboNode({ http, url: new URL(kubo.apiUrl), authorization: undefined })
const peersOf = async (kubo: Kubo) => [...(await clientOf(kubo).connectedPeers(never))]

describe.skipIf(!havePeers())('peering of a real Kubo', () => {
  test('is saved beside what others wrote, once, and holds after a restart', async () => {
    await using friend = await Kubo.start()
    const foreign = { Addrs: ['/ip4/203.0.113.5/tcp/4001'], ID: foreigner, Note: 'ours <&>' }
    await using kubo = await Kubo.start({ 'Peering.Peers': [foreign] })
    const [address = ''] = friend.addresses
    const place = address.replace(/\/p2p\/.*/, '')
    const known = [
      { peerId: friend.peerId, addrs: ['/ip4/127.0.0.1/tcp/1', address, place] },
      // Kubo can't read the first of these, and would refuse the whole list for it.
      { peerId: dead, addrs: [`/garlic64/jT/p2p/${dead}`, `/ip4/127.0.0.1/tcp/1/p2p/${dead}`] },
    ]
    const unknown = [{ peerId: friend.peerId, addrs: [`/ip4/127.0.0.1/tcp/2/p2p/${friend.peerId}`] }]
    const save = () => peerWith(clientOf(kubo), [...known, ...unknown], 'save', never)
    const config = () => kubo.run('config', 'Peering.Peers')

    expect(await save()).toEqual({
      peered: [
        { peerId: friend.peerId, connected: true, reason: null, answered: true },
        {
          peerId: dead,
          connected: false,
          reason: expect.stringContaining('connection refused'),
          answered: false,
        },
      ],
      leftOut: 0,
      config: { isWritten: true, added: 2, extended: 0 },
    })
    const first = await config()
    const [ofOthers, ...ours] = JSON.parse(first) as unknown[]
    expect(JSON.stringify(ofOthers)).toBe(JSON.stringify(foreign))
    const friends = ['/ip4/127.0.0.1/tcp/1', place, '/ip4/127.0.0.1/tcp/2']
    expect(ours).toHaveLength(2)
    expect(ours).toContainEqual({ ID: dead, Addrs: ['/ip4/127.0.0.1/tcp/1'] })
    expect(ours).toContainEqual({ ID: friend.peerId, Addrs: friends })

    expect((await save()).config).toEqual({ isWritten: false, added: 0, extended: 0 })
    expect(await config()).toBe(first)

    await kubo.restart()
    const listed = await clientOf(kubo).peeredPeers(never)
    expect(listed).toHaveLength(3)
    expect(listed).toContainEqual({ peerId: friend.peerId, addrs: friends })
    // Kubo's first dial comes some 10 s after its start.
    await vi.waitFor(async () => expect(await peersOf(kubo)).toEqual([friend.peerId]), {
      timeout: 40_000,
      interval: 250,
    })
  })

  test('lasts until the daemon ends with `connect`, which leaves the config alone', async () => {
    await using friend = await Kubo.start()
    await using kubo = await Kubo.start()
    const delegates = [{ peerId: friend.peerId, addrs: friend.addresses }]
    const { peered } = await peerWith(clientOf(kubo), delegates, 'connect', never)
    expect(peered).toEqual([{ peerId: friend.peerId, connected: true, reason: null, answered: true }])
    const dropped = async () => expect(await peersOf(kubo)).toEqual([])
    await kubo.rpc('swarm/disconnect', { arg: friend.addresses[0] ?? '' })
    await dropped()
    await vi.waitFor(async () => expect(await peersOf(kubo)).toEqual([friend.peerId]), {
      timeout: 40_000,
      interval: 250,
    })
    await kubo.restart()
    expect(await clientOf(kubo).peeredPeers(never)).toEqual([])
    expect(await clientOf(kubo).readPeering(never)).toBe(null)
  })
})
