import { afterAll, expect, test } from 'vitest'
import { handOverAll } from '../../../../src/backup/in-bulk/hand-over-all.ts'
import type { FailedPin, MissingPin } from '../../../../src/backup/missing-pins.ts'
import { parseCid } from '../../../../src/domain/cid.ts'
import { Http } from '../../../../src/http/http.ts'
import { Cluster } from '../../../../src/node/cluster/cluster.ts'
import { type ClusterOptions, dead, startCluster } from '../../../sandbox/cluster.ts'
import { Cids } from '../../../sandbox/identity.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())
const never = new AbortController().signal

/** A cluster, and so many CIDs to hand over to it. */
async function withDue(count: number, options: ClusterOptions = {}) {
  const server = await startCluster(options)
  const due = new Cids(1).take(count).map((text, index): MissingPin => {
    const cid = parseCid(text)
    if (cid === undefined) throw new Error('it is no CID')
    return { index, cid, name: null, bucket: 'main', delegates: [], size: null }
  })
  const handOver = async (
    inTime = never,
    originsOf: () => readonly string[] = () => [],
    stallTimeout = 600_000,
  ) => {
    const pinned: string[] = []
    const failed: FailedPin[] = []
    const edges = {
      node: new Cluster({ http, url: new URL(server.url), authorization: undefined }),
      originsOf,
      onPinned: ({ cid }: MissingPin) => pinned.push(cid.text),
      onFailed: (failure: FailedPin) => failed.push(failure),
    }
    const times = { stallTimeout, attempts: 2, signal: never, inTime }
    const error = await handOverAll(due, edges, { concurrency: 4, ...times })
    return { pinned, failed, error }
  }
  return { server, due, handOver }
}

async function until(hasHappened: () => boolean): Promise<void> {
  while (!hasHappened()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('at the end of its time what is under way has no result', async () => {
  const { server, due, handOver } = await withDue(3, { otherwise: { afterMs: Number.POSITIVE_INFINITY } })
  await using _ = server
  const over = new AbortController()
  const ending = handOver(over.signal)
  await until(() => server.given.size === due.length)
  over.abort()
  expect(await ending).toEqual({ pinned: [], failed: [], error: null })
})

test('an address that the cluster cannot read is left out, and not held against the CID', async () => {
  const { server, handOver } = await withDue(2)
  await using _ = server
  const { pinned, failed, error } = await handOver(never, () => ['/ip4/1.2.3.4/tcp/4001'])
  expect({ failed, error }).toEqual({ failed: [], error: null })
  expect(pinned).toHaveLength(2)
  for (const { origins } of server.given.values()) expect(origins).toEqual([])
})

test('a peer that missed what the others were told hears of all of it when it is told of one again', async () => {
  const { server, due, handOver } = await withDue(40)
  await using _ = server
  const [, second] = server.peers
  if (second === undefined) throw new Error('there is no second peer')
  second.isDeaf = true
  const ending = handOver(never, () => [], 500)
  await until(() => server.given.size === due.length)
  second.isDeaf = false
  const { pinned, failed, error } = await ending
  expect({ failed, error }).toEqual({ failed: [], error: null })
  expect(pinned).toHaveLength(due.length)
  const posts = server.requests.filter(({ method }) => method === 'POST')
  const again = posts.slice(due.length)
  expect(again.length).toBeGreaterThan(0)
  // Alike, and not of each.
  expect(again.length).toBeLessThan(due.length / 2)
  for (const { path, query } of again)
    expect(posts.find((one) => one.path === path)?.query.toString()).toBe(query.toString())
})

test('what somebody else gave is never given again, and what nobody hears of a few times only', async () => {
  const { server, due, handOver } = await withDue(2)
  await using _ = server
  const [theirs = '', ours = ''] = due.map(({ cid }) => cid.text)
  for (const peer of server.peers) peer.isDeaf = true
  const allocations = server.peers.slice(1).map(({ peerId }) => peerId)
  const name = 'a name of theirs'
  server.given.set(theirs, { cid: theirs, name, allocations, origins: [], created: new Date() })
  const over = new AbortController()
  const ending = handOver(over.signal, () => [], 200)
  const posts = () => server.requests.filter(({ method }) => method === 'POST').map(({ path }) => path)
  await until(() => posts().length === 4)
  const looks = () => server.requests.filter(({ query }) => query.has('cids')).length
  const soFar = looks()
  await until(() => looks() > soFar + 2)
  over.abort()
  expect(await ending).toEqual({ pinned: [], failed: [], error: null })
  expect(posts()).toEqual(Array.from({ length: 4 }, () => `/pins/${ours}`))
  expect(server.given.get(theirs)?.name).toBe(name)
})

test('however many wait for a peer in trouble, what others can do is done', async () => {
  const [inTrouble, others] = [10_000, 40]
  const { server, due, handOver } = await withDue(inTrouble + others)
  await using _ = server
  const [first, second, third] = server.peers.map(({ peerId }) => peerId)
  const waiting = due.slice(0, inTrouble).map(({ cid }) => cid.text)
  for (const cid of waiting)
    server.given.set(cid, { cid, name: '', allocations: [second ?? ''], origins: [], created: new Date() })
  for (const peer of server.peers) if (peer.peerId === second) peer.state = 'forgotten'
  const { pinned, failed, error } = await handOver(never, () => [], 1000)
  expect(failed).toEqual([])
  expect(new Set(pinned)).toEqual(new Set(due.slice(inTrouble).map(({ cid }) => cid.text)))
  for (const cid of pinned)
    expect(server.given.get(cid)?.allocations.toSorted()).toEqual([first, third].sort())
  expect(error?.message).toContain(`${second} (the other peers do not see it), for which 10000 CIDs wait`)
})

test('what is pinned under the other version of its CID is not handed over', async () => {
  const server = await startCluster()
  await using _ = server
  const { v0, v1 } = new Cids(5).bothVersions()
  server.pin(v0)
  const cid = parseCid(v1)
  if (cid === undefined) throw new Error('it is no CID')
  const pinned: string[] = []
  const node = new Cluster({ http, url: new URL(server.url), authorization: undefined })
  const results = { onPinned: (pin: MissingPin) => pinned.push(pin.cid.text), onFailed: () => undefined }
  const due = [{ index: 0, cid, name: null, bucket: 'main', delegates: [], size: null }]
  const options = { concurrency: 4, stallTimeout: 60_000, attempts: 1, signal: never, inTime: never }
  expect(await handOverAll(due, { node, originsOf: () => [], ...results }, options)).toBe(null)
  expect(pinned).toEqual([v1])
  expect([...server.given.keys()]).toEqual([v0])
})

test('what fails is tried so many times, given once and then recovered', async () => {
  const { server, due, handOver } = await withDue(1, { otherwise: dead })
  await using _ = server
  const { failed, error } = await handOver()
  expect(error).toBe(null)
  expect(failed).toMatchObject([{ entry: due[0], tries: 2 }])
  const posts = server.requests.filter(({ method }) => method === 'POST')
  expect(posts.map(({ path }) => path)).toEqual([
    `/pins/${due[0]?.cid.text}`,
    `/pins/${due[0]?.cid.text}/recover`,
  ])
})
