import { afterAll, describe, expect, test } from 'vitest'
import { Http } from '../../../src/http.ts'
import { Kubo } from '../../../src/node/kubo.ts'
import { PeeringBook } from '../../../src/snapshot/peering-book.ts'
import { NodePeering } from '../../../src/sync/node-peering.ts'
import { peerIds } from '../../sandbox/identity.ts'
import { type SandboxKubo, startKubo } from '../../sandbox/kubo.ts'
import { emptySnapshot } from '../snapshot/empty.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const never = new AbortController().signal
const [alice, bob] = peerIds(2) as [string, string]
const at = (port: number) => `/ip4/127.0.0.1/tcp/${port}`
const peer = (peerId: string, ...ports: number[]) => ({ peerId, addrs: ports.map(at) })

/** A mirror's hold on a node's peering; a new run of it has the same book. */
function mirrorOf(server: SandboxKubo, book = new PeeringBook(emptySnapshot(), server.peerId)) {
  const node = new Kubo({ http, url: new URL(server.url), authorization: undefined })
  const run = async (stays = false) => {
    const peering = new NodePeering(node, book, stays)
    await peering.look(never)
    return peering
  }
  return { book, run }
}

describe('who is in the peering already', () => {
  test('is left as it is, by whatever addresses, and stays', async () => {
    await using server = await startKubo()
    server.swarm.peering.set(alice, [at(9)])
    const run = await mirrorOf(server).run()
    expect(await run.add(peer(alice, 1), true, never)).toMatchObject({ isPeered: true, refusal: null })
    expect(server.swarm.peering).toEqual(new Map([[alice, [at(9)]]]))
    await run.takeAway(never)
    expect(server.swarm.peering).toEqual(new Map([[alice, [at(9)]]]))
  })

  test('is left as it is where the first look fails: whom the mirror did not see it does not add', async () => {
    await using server = await startKubo()
    server.swarm.peering.set(alice, [at(9)])
    const { book } = mirrorOf(server)
    const node = new Kubo({ http, url: new URL(server.url), authorization: undefined })
    const run = new NodePeering(node, book, false)
    const isLook = (path: string) => path === '/api/v0/swarm/peering/ls'
    server.intercept = ({ path }) => (isLook(path) ? { status: 403, body: '403 - Forbidden' } : undefined)
    await expect(run.add(peer(alice, 1), true, never)).rejects.toThrow('peering/ls')
    server.intercept = undefined
    expect(await run.add(peer(alice, 1), true, never)).toMatchObject({ isPeered: true })
    await run.takeAway(never)
    expect(server.swarm.peering).toEqual(new Map([[alice, [at(9)]]]))
  })

  test('only gets addresses where the peering is to stay', async () => {
    await using server = await startKubo()
    server.swarm.peering.set(alice, [at(9)])
    const run = await mirrorOf(server).run(true)
    await run.add(peer(alice, 1, 9), true, never)
    await run.takeAway(never)
    expect(server.swarm.peering).toEqual(new Map([[alice, [at(9), at(1)]]]))
  })
})

describe('who was added', () => {
  test('is written down before it is, and forgotten when it is taken away', async () => {
    await using server = await startKubo()
    const mirror = mirrorOf(server)
    const written: unknown[] = []
    server.intercept = ({ path }) => {
      if (path.endsWith('/peering/add')) written.push(...mirror.book.added())
      return undefined
    }
    const run = await mirror.run()
    await run.add(peer(alice, 1, 2), false, never)
    expect(written).toEqual([peer(alice, 1, 2)])
    await run.takeAway(never)
    expect(server.swarm.peering.size).toBe(0)
    expect(mirror.book.added()).toEqual([])
  })

  test('is taken away by the next run where this one was killed', async () => {
    await using server = await startKubo()
    const mirror = mirrorOf(server)
    await (await mirror.run()).add(peer(alice, 1), false, never)
    await (await mirror.run(true)).takeAway(never)
    expect(server.swarm.peering.size).toBe(0)
    expect(mirror.book.added()).toEqual([])
  })

  test.each<[string, (server: SandboxKubo) => void, readonly string[]]>([
    [
      'somebody gave it another address',
      ({ swarm }) => swarm.peering.set(alice, [at(1), at(2)]),
      [at(1), at(2)],
    ],
    [
      'the config names it by now',
      ({ config }) => config.write('Peering.Peers', JSON.stringify([{ ID: alice, Addrs: [at(1)] }]), true),
      [at(1)],
    ],
  ])('is somebody else’s where %s', async (_, change, left) => {
    await using server = await startKubo()
    const mirror = mirrorOf(server)
    const run = await mirror.run()
    await run.add(peer(alice, 1), false, never)
    change(server)
    await run.takeAway(never)
    expect(server.swarm.peering.get(alice)).toEqual(left)
    expect(mirror.book.added()).toEqual([])
  })

  test('is gone with the daemon, and not taken away from who comes after', async () => {
    await using server = await startKubo()
    const mirror = mirrorOf(server)
    await (await mirror.run()).add(peer(alice, 1), false, never)
    server.swarm.peering.clear()
    await (await mirror.run()).takeAway(never)
    server.swarm.peering.set(alice, [at(1)])
    await (await mirror.run()).takeAway(never)
    expect(server.swarm.peering.has(alice)).toBe(true)
  })

  test('is taken away where another can not be, who stays written down', async () => {
    await using server = await startKubo()
    const mirror = mirrorOf(server)
    const run = await mirror.run()
    const ids = [alice, ...peerIds(30).slice(2), bob]
    for (const id of ids) await run.add(peer(id, 1), false, never)
    server.intercept = ({ path, query }) =>
      path.endsWith('/peering/rm') && query.get('arg') === alice
        ? { status: 500, body: JSON.stringify({ Message: 'not now', Code: 0, Type: 'error' }) }
        : undefined
    await expect(run.takeAway(never)).rejects.toThrow('not now')
    expect([...server.swarm.peering.keys()]).toEqual([alice])
    expect(mirror.book.added()).toEqual([peer(alice, 1)])
  })

  test('is taken away where the node keeps its config to itself', async () => {
    await using server = await startKubo()
    server.intercept = ({ path }) => (path.endsWith('/config') ? { status: 403, body: 'no' } : undefined)
    const run = await mirrorOf(server).run()
    await run.add(peer(alice, 1), false, never)
    await run.takeAway(never)
    expect(server.swarm.peering.size).toBe(0)
  })

  test('belongs to its node: another one at the same address has none of it', async () => {
    await using server = await startKubo()
    const db = emptySnapshot()
    new PeeringBook(db, bob).add(peer(alice, 1))
    server.swarm.peering.set(alice, [at(1)])
    await (await mirrorOf(server, new PeeringBook(db, server.peerId)).run()).takeAway(never)
    expect(server.swarm.peering.has(alice)).toBe(true)
    expect(new PeeringBook(db, bob).added()).toHaveLength(1)
  })
})

describe('two mirrors on one box', () => {
  test('each take away their own, and who loses a peer adds it again at its next look', async () => {
    await using server = await startKubo()
    const [one, other] = [await mirrorOf(server).run(), await mirrorOf(server).run()]
    await one.add(peer(alice, 1), false, never)
    await other.look(never)
    await other.add(peer(alice, 1), false, never)
    await other.add(peer(bob, 1), false, never)
    await one.takeAway(never)
    expect([...server.swarm.peering.keys()]).toEqual([bob])
    await other.look(never)
    await other.add(peer(alice, 1), false, never)
    expect(server.swarm.peering.has(alice)).toBe(true)
    await other.takeAway(never)
    expect(server.swarm.peering.size).toBe(0)
  })
})

describe('what Kubo can not read', () => {
  test('is left out, and leaves nothing written down', async () => {
    await using server = await startKubo()
    const mirror = mirrorOf(server)
    const run = await mirror.run()
    const some = { peerId: alice, addrs: ['/garlic64/jT', at(1), '/garlic64/jT/', at(2)] }
    expect(await run.add(some, false, never)).toEqual({
      isPeered: true,
      addrs: [at(1), at(2)],
      refusal: null,
    })
    expect(mirror.book.added()).toEqual([peer(alice, 1, 2)])
    const none = { peerId: bob, addrs: ['/garlic64/jT'] }
    expect(await run.add(none, false, never)).toMatchObject({
      isPeered: false,
      refusal: expect.stringContaining('garlic64'),
    })
    expect(mirror.book.added()).toEqual([peer(alice, 1, 2)])
    await run.takeAway(never)
    expect(server.swarm.peering.size).toBe(0)
  })
})

test('grows no node’s peering beyond a bound, but for whom the user named', async () => {
  await using server = await startKubo()
  for (const id of peerIds(1002).slice(2)) server.swarm.peering.set(id, [at(1)])
  const run = await mirrorOf(server).run()
  expect(await run.add(peer(alice, 1), false, never)).toMatchObject({ isPeered: false })
  expect(await run.add(peer(bob, 1), true, never)).toMatchObject({ isPeered: true })
})
