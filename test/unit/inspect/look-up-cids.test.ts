import { base36 } from 'multiformats/bases/base36'
import { CID } from 'multiformats/cid'
import { afterAll, describe, expect, test } from 'vitest'
import { Http } from '../../../src/http/http.ts'
import { lookUpCids } from '../../../src/inspect/look-up-cids.ts'
import { Kubo } from '../../../src/node/kubo/kubo.ts'
import { BucketClient } from '../../../src/service/pinning-service.ts'
import { RateLimit } from '../../../src/service/rate-limit.ts'
import { Cids } from '../../sandbox/identity.ts'
import { nowhere, rpcFailure, type SandboxKubo, startKubo } from '../../sandbox/kubo.ts'
import {
  filebase,
  type Manners,
  noFunds,
  type PinningService,
  startPinningService,
} from '../../sandbox/pinning-service.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const never = new AbortController().signal
const alice = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const bob = '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM'
const addressOf = (peerId: string) => `/ip4/127.0.0.1/tcp/4001/p2p/${peerId}`
const buckets = { photos: 'secret-1', documents: 'secret-2' }

interface Both extends AsyncDisposable {
  readonly service: PinningService
  readonly kubo: SandboxKubo
  ask(
    cids: readonly string[],
    options?: { known?: string[]; signal?: AbortSignal },
  ): ReturnType<typeof lookUpCids>
}

async function start(delegates: readonly string[] = [], manners?: Manners): Promise<Both> {
  const service = await startPinningService({
    buckets,
    delegates: () => delegates,
    ...(manners !== undefined && { manners }),
  })
  const kubo = await startKubo({ otherwise: nowhere })
  const gate = new RateLimit(100)
  const clients = Object.entries(buckets).map(
    ([name, token]) => new BucketClient({ name, token }, { http, endpoint: new URL(service.url), gate }),
  )
  return {
    service,
    kubo,
    ask: (cids, { known = [], signal = never } = {}) =>
      lookUpCids(cids, {
        clients,
        node: new Kubo({ http, url: new URL(kubo.url), authorization: undefined }),
        knownPeerIds: new Set(known),
        signal,
      }),
    [Symbol.asyncDispose]: async () => {
      gate[Symbol.dispose]()
      await Promise.all([service[Symbol.asyncDispose](), kubo[Symbol.asyncDispose]()])
    },
  }
}

const cids = new Cids(41)

describe('a CID', () => {
  test('is told with all its requests in every bucket and what the node has of it', async () => {
    await using both = await start([addressOf(alice), addressOf(bob), 'no address'])
    const { service, kubo } = both
    const cid = cids.next()
    kubo.setContent(cid, { blocks: 3, bytesPerBlock: 100 })
    kubo.pin(cid, { name: 'mine' })
    kubo.swarm.connected.set(alice, '/ip4/127.0.0.1/tcp/4001')
    kubo.setProviders(cid, [{ peerId: bob, addresses: ['/ip4/203.0.113.5/tcp/4001'] }])
    service.bucket('photos').addAll([
      { cid, status: 'failed', reason: 'too old', created: '2026-01-01T00:00:00Z', requestid: 'r1' },
      { cid, name: 'again', status: 'pinning', created: '2026-02-01T00:00:00Z', requestid: 'r2' },
      { cid: cids.next(), created: '2026-02-01T00:00:00Z' },
    ])
    const meta = { owner: 'me' }
    service
      .bucket('documents')
      .add({ cid, status: 'queued', meta, requestid: 'r3', created: '2025-01-01T00:00:00Z' })

    const delegates = [addressOf(alice), addressOf(bob), 'no address']
    const row = { cid, delegates, reason: null }
    expect(await both.ask([cid], { known: [bob] })).toEqual({
      errors: [],
      stopped: false,
      results: [
        {
          cid,
          valid: true,
          node: {
            pinned: { type: 'recursive', name: 'mine', reason: null },
            size: { isWhole: true, bytes: 300, blocks: 3, reason: null },
            providers: { peers: [{ peerId: bob, addrs: ['/ip4/203.0.113.5/tcp/4001'] }], reason: null },
          },
          service: [
            {
              ...row,
              bucket: 'photos',
              requestid: 'r2',
              status: 'pinning',
              created: '2026-02-01T00:00:00.000Z',
              name: 'again',
              meta: expect.toSatisfy((value) => value === null || Object.keys(value).length === 0),
            },
            expect.objectContaining({ requestid: 'r1', status: 'failed', reason: 'too old', name: null }),
            expect.objectContaining({ bucket: 'documents', requestid: 'r3', status: 'queued', meta }),
          ],
          unanswered: [],
          cut: [],
          delegates: [
            { peerId: alice, known: false, connected: true },
            { peerId: bob, known: true, connected: false },
          ],
        },
      ],
    })
  })

  test('is found under either version, and in any base', async () => {
    await using both = await start()
    const { v0, v1 } = cids.bothVersions()
    both.service.bucket('photos').add({ cid: v0, requestid: 'old', created: '2026-01-01T00:00:00Z' })
    both.service.bucket('photos').add({ cid: v1, requestid: 'new', created: '2026-02-01T00:00:00Z' })
    both.kubo.pin(v0)
    const given = [v0, v1, CID.parse(v1).toString(base36)]
    const { results } = await both.ask(given)
    expect(results.map(({ cid }) => cid)).toEqual(given)
    for (const { service, node } of results) {
      expect(service.map(({ requestid, cid }) => [requestid, cid])).toEqual([
        ['new', v1],
        ['old', v0],
      ])
      expect(node?.pinned.type).toBe('recursive')
    }
  })

  test.each<Partial<Manners>>([
    ...(['first', 'last', 'one-word', 'default', 400] as const).map((severalStatuses) => ({
      severalStatuses,
    })),
    { maxCids: 1 },
    { cidFilter: 'alone' },
  ])('is found once at a service with %o', async (manners) => {
    await using both = await start([], { ...filebase, ...manners })
    const { v0, v1 } = cids.bothVersions()
    const photos = both.service.bucket('photos')
    photos.add({ cid: v0, requestid: 'old', created: '2026-01-01T00:00:00Z', status: 'failed' })
    photos.add({ cid: v1, requestid: 'new', created: '2026-02-01T00:00:00Z', status: 'pinned' })
    const { results, errors } = await both.ask([v1])
    expect(results[0]?.service.map(({ requestid }) => requestid)).toEqual(['new', 'old'])
    expect(results[0]?.cut).toEqual([])
    expect(errors).toEqual([])
  })

  test('is not mixed up with the rows of a service that ignores the filter', async () => {
    await using both = await start()
    const [wanted, other] = cids.take(2) as [string, string]
    const row = (cid: string, requestid: string) => ({
      requestid,
      status: 'pinned',
      created: '2026-01-01T00:00:00Z',
      pin: { cid },
      delegates: [],
    })
    const results = [row(other, 'a'), row(wanted, 'b'), row('no CID', 'c')]
    both.service.intercept = () => ({ status: 200, body: JSON.stringify({ count: 5000, results }) })
    const found = (await both.ask([wanted])).results[0]
    expect(found?.service.map(({ requestid }) => requestid)).toEqual(['b', 'b'])
    expect(found?.cut).toEqual(['photos', 'documents'])
  })

  test('that nobody has is told as such, and invalid ones as invalid', async () => {
    await using both = await start()
    const cid = cids.next('raw')
    const { results, errors } = await both.ask(['not-a-cid', cid, 'Qm'])
    const invalid = { valid: false, node: null, service: [], unanswered: [], cut: [], delegates: [] }
    expect(results).toEqual([
      { ...invalid, cid: 'not-a-cid' },
      {
        ...invalid,
        cid,
        valid: true,
        node: {
          pinned: { type: 'none', name: null, reason: null },
          size: { isWhole: false, bytes: 0, blocks: 0, reason: expect.stringContaining('not found locally') },
          providers: { peers: [], reason: null },
        },
      },
      { ...invalid, cid: 'Qm' },
    ])
    expect(errors).toEqual([])
  })
})

test('asks only: nothing is changed and nobody dialled', async () => {
  await using both = await start([addressOf(alice)])
  const given = cids.take(5)
  both.service.bucket('photos').addAll(given.map((cid) => ({ cid })))
  await both.ask(given)
  expect(new Set(both.service.requests.map(({ method }) => method))).toEqual(new Set(['GET']))
  const commands = new Set(both.kubo.requests.map(({ path }) => path.slice('/api/v0/'.length)))
  expect(commands).toEqual(new Set(['swarm/peers', 'pin/ls', 'dag/stat', 'routing/findprovs']))
  expect(both.kubo.requests.filter(({ path }) => path.endsWith('swarm/peers'))).toHaveLength(1)
  const counts = both.kubo.requests.filter(({ path }) => path.endsWith('dag/stat'))
  expect(counts.every(({ query }) => query.get('offline') === 'true')).toBe(true)
})

test('asks nobody about what are no CIDs', async () => {
  await using both = await start()
  await both.ask(['one', 'two'])
  expect([...both.service.requests, ...both.kubo.requests]).toEqual([])
})

describe('what does not answer', () => {
  test('leaves its part out, once with the reason, while the rest is told', async () => {
    await using both = await start()
    const given = cids.take(8)
    both.service.bucket('photos').refusal = noFunds
    both.service.bucket('documents').addAll(given.map((cid) => ({ cid })))
    both.kubo.intercept = () => ({ status: 403, body: 'Access Denied' })
    const { results, errors } = await both.ask(given)
    expect(errors.map(({ where }) => where)).toEqual(['node', 'bucket photos'])
    for (const { service, node, unanswered } of results) {
      expect(node).toBe(null)
      expect(service).toHaveLength(1)
      expect(unanswered).toEqual(['photos'])
    }
    // Not asked again once it is known.
    expect(both.kubo.requests).toHaveLength(1)
  })

  test('is only the network where the node runs without one', async () => {
    await using both = await start([addressOf(alice)])
    const cid = cids.next()
    both.kubo.pin(cid)
    both.service.bucket('photos').add({ cid })
    both.kubo.routing.state = 'offline'
    const words = "this action must be run in online mode, try running 'ipfs daemon' first"
    both.kubo.intercept = ({ path }) => (path.endsWith('swarm/peers') ? rpcFailure(words) : undefined)
    const { results, errors } = await both.ask([cid])
    expect(errors).toMatchObject([{ where: 'node', message: expect.stringContaining('online mode') }])
    expect(results[0]).toMatchObject({
      node: {
        pinned: { type: 'recursive' },
        size: { isWhole: true },
        providers: { peers: [], reason: expect.stringContaining('online mode') },
      },
      delegates: [{ peerId: alice, connected: null }],
    })
  })

  test('says nothing of the others where a bucket can not read one of the CIDs', async () => {
    await using both = await start()
    const [bad, good] = cids.take(2) as [string, string]
    both.service.bucket('photos').add({ cid: good })
    both.service.intercept = ({ query }) =>
      query.get('cid')?.includes(bad)
        ? { status: 400, body: JSON.stringify({ error: { reason: 'BAD_REQUEST', details: 'codec' } }) }
        : undefined
    const { results, errors } = await both.ask([bad, good])
    expect(results[0]?.unanswered).toEqual(['photos', 'documents'])
    expect(results[1]).toMatchObject({ unanswered: [], service: [{ bucket: 'photos' }] })
    expect(errors.map(({ where }) => where)).toEqual(['both buckets'])
  })

  test('is left out where the run is stopped, with what was found before', async () => {
    await using both = await start()
    const stop = new AbortController()
    const given = cids.take(20)
    both.kubo.intercept = ({ path, query }) => {
      if (path.endsWith('dag/stat') && query.get('arg') === given[6]) stop.abort()
      return undefined
    }
    const { results, errors, stopped } = await both.ask(given, { signal: stop.signal })
    expect({ errors, stopped }).toEqual({ errors: [], stopped: true })
    expect(results.map(({ cid }) => cid)).toEqual(given)
    expect(results[0]).toMatchObject({ valid: true, unanswered: [], node: { pinned: { type: 'none' } } })
    expect(results.at(-1)).toMatchObject({ node: null, unanswered: ['photos', 'documents'] })
  })
})
