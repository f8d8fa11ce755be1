import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Http } from '../../src/http/http.ts'
import { Cluster } from '../../src/node/cluster/cluster.ts'
import { Kubo } from '../../src/node/kubo/kubo.ts'
import { havePeers } from '../peers/build.ts'
import { Cids } from '../sandbox/identity.ts'
import { ClusterRest, holdersOf, type Status, statuses } from './cluster-rest.ts'
import { type ClusterUnderTest, realCluster, sandboxCluster } from './clusters.ts'

const cids = new Cids(3)
const never = new AbortController().signal
const unsettled = 'pins?filter=pin_queued,pinning,pin_error'

const peers = [
  { peer: 'the sandbox', start: sandboxCluster, isThere: true },
  { peer: 'IPFS Cluster', start: realCluster, isThere: havePeers('kubo', 'cluster') },
]

// Each test goes on where the one before it stopped: a real cluster takes its time to start.
for (const { peer, start, isThere } of peers) {
  describe.skipIf(!isThere)(`the REST API of ${peer}`, () => {
    let cluster: ClusterUnderTest
    let rest: ClusterRest
    beforeAll(async () => {
      cluster = await start()
      rest = new ClusterRest(cluster.restUrl)
    })
    afterAll(async () => {
      await cluster[Symbol.asyncDispose]()
    })

    const ask: ClusterRest['ask'] = (path, method) => rest.ask(path, method)
    const statusOf = (cid: string) => rest.statusOf(cid)
    const giveTo = (peerId: string, cid: string) => rest.giveTo(peerId, cid)
    const untilStatuses = (cid: string, expected: readonly string[]) =>
      expect.poll(async () => statuses(await statusOf(cid))).toEqual(expected)
    const give = async (peerId = '') => {
      const cid = cids.next('identity')
      await giveTo(peerId, cid)
      await untilStatuses(cid, ['pinned', 'pinned', 'remote'])
      return cid
    }

    test('says who it is, and who its peers are, with the addresses of their Kubo nodes', async () => {
      expect((await ask('id')).lines).toMatchObject([
        { version: cluster.version, error: '', ipfs: { error: '' } },
      ])
      const { lines } = await ask('peers')
      const found = lines as { id: string; peername: string; ipfs: { id: string; addresses: string[] } }[]
      expect(new Map(found.map(({ id, peername }) => [id, peername]))).toEqual(cluster.names)
      for (const { ipfs } of found) {
        expect(ipfs.addresses.length).toBeGreaterThan(0)
        for (const address of ipfs.addresses) expect(address.endsWith(`/p2p/${ipfs.id}`)).toBe(true)
      }
    })

    test('knows its own paths only, and says so in its own form', async () => {
      for (const [path, method] of [
        ['nothing', 'GET'],
        ['api/v0/id', 'POST'],
      ] as const)
        expect(await ask(path, method)).toMatchObject({
          status: 404,
          lines: [{ code: 404, message: 'not found' }],
        })
    })

    test('has a proxy that looks like Kubo, and is known for what it is before anything is asked of it', async ({
      skip,
    }) => {
      skip(cluster.proxyUrl === undefined, 'the sandbox has no proxy')
      const http = new Http('ipfs-pin-mirror/test')
      const url = new URL(cluster.proxyUrl ?? '')
      const kubo = new Kubo({ http, url, authorization: undefined })
      await kubo.identify(never)
      const list = async () => Array.fromAsync(kubo.listPins({ names: false, signal: never }))
      await expect(list()).rejects.toThrow(/is the IPFS proxy of an IPFS Cluster.*node-kind/)
      const asCluster = new Cluster({ http, url, authorization: undefined })
      await expect(asCluster.identify(never)).rejects.toThrow(/or a cluster's IPFS proxy/)
      await http.close()
    })

    test('has no body where it has no pin, and drops words of a filter that it does not know', async () => {
      expect(await ask('pins')).toMatchObject({ status: 204, lines: [] })
      expect(await ask('pins?filter=no_such_word')).toMatchObject({
        status: 400,
        lines: [{ code: 400, message: 'invalid filter value' }],
      })
      expect(await ask('pins?filter=no_such_word,pinned')).toMatchObject({ status: 204 })
    })

    test('tells of a CID that it was never given that no peer pins it', async () => {
      const [one, other] = [cids.next('identity'), cids.next()]
      const { status, lines } = await ask(`pins?cids=${one},${other}`)
      expect(status).toBe(200)
      expect((lines as Status[]).map(({ cid }) => cid).toSorted()).toEqual([one, other].toSorted())
      for (const line of lines as Status[]) {
        expect(line).toMatchObject({ name: '', allocations: [] })
        expect(statuses(line)).toEqual(['unpinned', 'unpinned', 'unpinned'])
      }
      expect(await ask('pins/no-cid')).toMatchObject({ status: 400, lines: [{ code: 400 }] })
    })

    test('writes down what it is given, allocates it to two peers, and lists it with an empty trailer', async () => {
      const cid = cids.next('identity')
      const origin = `/ip4/127.0.0.1/tcp/4001/p2p/${[...cluster.names.keys()][0]}`
      const given = await ask(`pins/${cid}?name=a%20name&origins=${encodeURIComponent(origin)}`, 'POST')
      expect(given).toMatchObject({ status: 200, lines: [{ cid, name: 'a name', origins: [origin] }] })
      await untilStatuses(cid, ['pinned', 'pinned', 'remote'])
      const { status, lines, trailers } = await ask('pins')
      expect(status).toBe(200)
      expect(trailers).toEqual({ 'x-stream-error': '' })
      const listed = (lines as Status[]).find((line) => line.cid === cid)
      expect(listed).toMatchObject({ name: 'a name' })
      expect(listed?.allocations).toHaveLength(2)
      expect(statuses(listed as Status)).toEqual(['pinned', 'pinned', 'remote'])
      expect((await ask(unsettled)).lines.filter((line) => (line as Status).cid === cid)).toEqual([])
    })

    test('refuses origins that it can’t read', async () => {
      const answer = await ask(
        `pins/${cids.next()}?origins=${encodeURIComponent('/ip4/1.2.3.4/tcp/1')}`,
        'POST',
      )
      expect(answer.status).toBe(400)
      expect(answer.lines[0]).toMatchObject({ code: 400, message: expect.stringContaining('multiaddress') })
    })

    test('gives up what nobody has, and tries it once more when it is told to', async () => {
      const { nobodys } = cluster
      await ask(`pins/${nobodys}`, 'POST')
      await untilStatuses(nobodys, ['pin_error', 'pin_error', 'remote'])
      const row = (await ask(unsettled)).lines.find((line) => (line as Status).cid === nobodys) as Status
      // Only those that are at work on it or in error.
      expect(Object.values(row.peer_map)).toMatchObject([
        { status: 'pin_error', error: 'context canceled', attempt_count: 1 },
        { status: 'pin_error', error: 'context canceled', attempt_count: 1 },
      ])
      expect(await ask(`pins/${nobodys}/recover`, 'POST')).toMatchObject({ status: 200 })
      const attempts = async () =>
        Object.values((await statusOf(nobodys)).peer_map).map(({ attempt_count }) => attempt_count)
      await expect.poll(async () => Math.max(...(await attempts()))).toBe(2)
      await untilStatuses(nobodys, ['pin_error', 'pin_error', 'remote'])
    })

    test('says what its Kubo has lost, not among what is under way, and brings it back when it is told to', async () => {
      const cid = await give()
      const [holder = ''] = holdersOf(await statusOf(cid))
      await cluster.takeAway(cid, holder)
      await untilStatuses(cid, ['pinned', 'remote', 'unexpectedly_unpinned'])
      const listed = (await ask('pins')).lines.find((line) => (line as Status).cid === cid) as Status
      expect(listed.peer_map[holder]).toMatchObject({
        status: 'unexpectedly_unpinned',
        error: 'the item should be pinned but it is not',
      })
      expect((await ask(unsettled)).lines.filter((line) => (line as Status).cid === cid)).toEqual([])
      await ask(`pins/${cid}/recover`, 'POST')
      await untilStatuses(cid, ['pinned', 'pinned', 'remote'])
    })

    test('shows a peer whose Kubo is away, and what fails there stays in error until it is told to go on', async () => {
      const [, second = ''] = cluster.names.keys()
      await cluster.loseKubo(second)
      const { lines } = await ask('peers')
      expect(lines).toContainEqual(
        expect.objectContaining({
          id: second,
          error: '',
          ipfs: { addresses: null, error: expect.stringContaining('connection refused') },
        }),
      )
      // By chance it is not to be there, or stays queued there: its peer has just lost its Kubo. Then another is given.
      let mine = ''
      await expect
        .poll(async () => {
          mine = cids.next('identity')
          await giveTo(second, mine)
          for (let looks = 0; looks < 100; looks++) {
            if ((await statusOf(mine)).peer_map[second]?.status === 'pin_error') return true
            await sleep(50)
          }
          return false
        })
        .toBe(true)
      await untilStatuses(mine, ['pin_error', 'pinned', 'remote'])
      expect((await statusOf(mine)).peer_map[second]?.error).toMatch(/connection refused$/)
      await cluster.regainKubo(second)
      expect(statuses(await statusOf(mine))).toEqual(['pin_error', 'pinned', 'remote'])
      await ask(`pins/${mine}/recover`, 'POST')
      await untilStatuses(mine, ['pinned', 'pinned', 'remote'])
    })

    test('told again of what it has, goes on as it was', async () => {
      const cid = await give()
      const before = await statusOf(cid)
      expect(await ask(`pins/${cid}`, 'POST')).toMatchObject({ status: 200 })
      // A peer that has it looks that it has, and does nothing more.
      await untilStatuses(cid, ['pinned', 'pinned', 'remote'])
      expect((await statusOf(cid)).allocations).toEqual(before.allocations)
    })

    test('forgets a peer that died, but for the CIDs that are to be on it, where they are asked for', async () => {
      let cid = ''
      const [, , third = ''] = cluster.names.keys()
      while (cid === '') {
        const given = await give(third)
        if (holdersOf(await statusOf(given)).includes(third)) cid = given
      }
      await cluster.killPeer(third)
      expect(((await ask('peers')).lines as { id: string }[]).map(({ id }) => id)).not.toContain(third)
      const single = await statusOf(cid)
      expect(single.peer_map[third]).toMatchObject({ status: 'cluster_error' })
      const listed = (await ask('pins')).lines.find((line) => (line as Status).cid === cid) as Status
      expect(Object.keys(listed.peer_map)).not.toContain(third)
      expect(listed.allocations).toContain(third)
    })

    test('lists none of its pins where no Kubo answers, though it was given them', async () => {
      const [first = '', second = ''] = cluster.names.keys()
      await cluster.loseKubo(first)
      await cluster.loseKubo(second)
      expect(await ask('pins')).toMatchObject({ status: 204, lines: [] })
      expect((await ask('allocations?filter=all')).lines.length).toBeGreaterThan(0)
    })
  })
}
