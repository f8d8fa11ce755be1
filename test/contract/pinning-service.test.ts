import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { Cids } from '../sandbox/identity.ts'
import { realService, type ServiceUnderTest, sandboxService } from './services.ts'

const cids = new Cids(3)
const stranger = '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const everyStatus = 'status=queued,pinning,pinned,failed'

interface PinStatus {
  requestid: string
  status: string
  created: string
  pin: { cid: string; name?: string; meta?: object; origins?: string[] }
}

const services = [
  { peer: 'the sandbox in its manner', start: sandboxService, isThere: true },
  { peer: 'IPFS Cluster', start: realService, isThere: havePeers() },
]

for (const { peer, start, isThere } of services) {
  describe.skipIf(!isThere)(`the Pinning Service API of ${peer}`, () => {
    let service: ServiceUnderTest
    beforeAll(async () => {
      service = await start()
    })
    afterAll(async () => {
      await service[Symbol.asyncDispose]()
    })

    async function ask(method: string, path: string, body?: object | string, token?: string | null) {
      const authorization = `Bearer ${token ?? service.token}`
      const response = await fetch(service.url + path, {
        method,
        headers: token === null ? {} : { authorization },
        body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
    }
    const list = async (query: string) => {
      const { status, body } = await ask('GET', `/pins?${query}`)
      expect(status).toBe(200)
      return body as { count: number; results: PinStatus[] }
    }
    const get = async (requestid: string) => (await ask('GET', `/pins/${requestid}`)).body as PinStatus
    const refused = (status: number, reason: unknown = expect.any(String)) => ({
      status,
      body: { error: { reason } },
    })

    /** Asks for a pin and waits until it is pinned. */
    async function pin(cid: string, more: object = {}): Promise<PinStatus> {
      expect((await ask('POST', '/pins', { cid, ...more })).status).toBe(200)
      await settled(cid, 'pinned')
      return get(cid)
    }
    const settled = (cid: string, status: string) =>
      vi.waitFor(async () => expect((await get(cid)).status).toBe(status), {
        timeout: 120_000,
        interval: 100,
      })
    const bounds = (created: string, ms: number) =>
      encodeURIComponent(new Date(Date.parse(created) + ms).toISOString())

    describe('a listing', () => {
      const [one, two, three] = cids.take(3, 'identity') as [string, string, string]
      /** In whole seconds; each in a second of its own. */
      let created: string[]
      beforeAll(async () => {
        const pins: PinStatus[] = []
        pins.push(await pin(one, { name: 'first', meta: { app: 'photos', size: 'big' } }))
        await sleep(1100)
        pins.push(await pin(two, { name: 'Second one' }))
        await sleep(1100)
        pins.push(await pin(three))
        created = pins.map((status) => status.created)
      })

      test('shows requests whose requestid is the CID, created in whole seconds', async () => {
        const { count, results } = await list('limit=10')
        expect(count).toBe(3)
        expect(results.map(({ requestid }) => requestid).sort()).toEqual([one, two, three].sort())
        const first = results.find(({ requestid }) => requestid === one)
        expect(first).toEqual({
          requestid: one,
          status: 'pinned',
          created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          pin: { cid: one, name: 'first', meta: { app: 'photos', size: 'big' } },
          delegates: [],
          info: expect.objectContaining({ warning1: 'CID used for requestID. Conflicts possible' }),
        })
        expect(results.find(({ requestid }) => requestid === three)?.pin).toEqual({ cid: three })
      })

      test('counts what matches, whatever the page holds', async () => {
        const { count, results } = await list('limit=2')
        expect(count).toBe(3)
        expect(results).toHaveLength(2)
        expect(await list('limit=0')).toEqual({ count: 3, results: [] })
        expect((await list('limit=100000')).results).toHaveLength(3)
      })

      test('takes both bounds in', async () => {
        const middle = created[1] as string
        const ids = async (query: string) =>
          (await list(query)).results.map(({ requestid }) => requestid).sort()
        expect(await ids(`before=${middle}`)).toEqual([one, two].sort())
        expect(await ids(`after=${middle}`)).toEqual([two, three].sort())
        expect(await ids(`after=${middle}&before=${middle}`)).toEqual([two])
      })

      test('honours fractions of a second in bounds', async () => {
        const middle = created[1] as string
        const around = `after=${bounds(middle, -500)}&before=${bounds(middle, 500)}`
        expect(await list(around)).toMatchObject({ count: 1, results: [{ requestid: two }] })
        const past = `after=${bounds(middle, 1)}&before=${bounds(middle, 500)}`
        expect(await list(past)).toEqual({ count: 0, results: [] })
      })

      test('reads bounds in any offset', async () => {
        const middle = Date.parse(created[1] as string)
        const inNewYork = new Date(middle - 5 * 3_600_000).toISOString().replace('Z', '-05:00')
        const query = `after=${inNewYork}&before=${inNewYork}`
        expect(await list(query)).toMatchObject({ count: 1, results: [{ requestid: two }] })
      })

      test('filters by name and meta', async () => {
        const ids = async (query: string) => (await list(query)).results.map(({ requestid }) => requestid)
        expect(await ids('name=first')).toEqual([one])
        expect(await ids('name=firs')).toEqual([])
        expect(await ids('name=FIRST&match=iexact')).toEqual([one])
        expect(await ids('name=cond&match=partial')).toEqual([two])
        expect(await ids('name=COND&match=partial')).toEqual([])
        expect(await ids('name=COND&match=ipartial')).toEqual([two])
        expect(await ids(`meta=${encodeURIComponent('{"app":"photos"}')}`)).toEqual([one])
        expect(await ids(`meta=${encodeURIComponent('{"app":"photos","size":"small"}')}`)).toEqual([])
      })

      test('refuses what it cannot read', async () => {
        for (const bad of ['status=some', 'limit=x', 'limit=-1', 'before=yesterday', 'after=x', 'meta=x'])
          expect(await ask('GET', `/pins?${bad}`), bad).toMatchObject(refused(500))
      })
    })

    test('shows every status where none was asked for', async () => {
      const cid = cids.next('raw')
      await ask('POST', '/pins', { cid })
      await settled(cid, 'pinning')
      const ids = async (query: string) => (await list(query)).results.map(({ requestid }) => requestid)
      expect(await ids('limit=100')).toContain(cid)
      expect(await ids('limit=100&status=pinning')).toEqual([cid])
      expect(await ids('limit=100&status=pinned')).not.toContain(cid)
    })

    test('overlooks every filter but the limit next to a cid filter', async () => {
      const [one, two] = cids.take(2, 'identity') as [string, string]
      for (const cid of [one, two]) await pin(cid, { name: 'a name' })
      const others = 'status=failed&before=2020-01-01T00:00:00Z&name=other'
      expect(await list(`cid=${one}&${others}`)).toMatchObject({ count: 1, results: [{ requestid: one }] })
      const { count, results } = await list(`cid=${one},${two}&limit=1`)
      expect({ count, shown: results.length }).toEqual({ count: 2, shown: 1 })
    })

    test('shows ten where no limit was given', async () => {
      for (const cid of cids.take(8, 'identity')) await pin(cid)
      expect((await list('')).results).toHaveLength(10)
    })

    test('takes the cid filter as it is written', async () => {
      const { v0, v1 } = cids.bothVersions()
      await ask('POST', '/pins', { cid: v0 })
      await settled(v0, 'pinning')
      expect(await list(`cid=${v1}&${everyStatus}`)).toMatchObject({ count: 0 })
      expect(await list(`cid=${v1},${v0}&${everyStatus}`)).toMatchObject({
        count: 1,
        results: [{ requestid: v0 }],
      })
      await ask('POST', '/pins', { cid: v1 })
      await settled(v1, 'pinning')
      expect(await list(`cid=${v1},${v0}&${everyStatus}`)).toMatchObject({ count: 2 })
    })

    test('answers a new request with its status and a created finer than it keeps', async () => {
      const cid = cids.next('identity')
      const wanted = { cid, name: 'new', origins: [stranger], meta: { a: 'b' } }
      const { status, body } = await ask('POST', '/pins', wanted)
      expect(status).toBe(200)
      expect(body).toMatchObject({ requestid: cid, status: 'queued', pin: wanted, delegates: [] })
      expect(body.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/)
      await settled(cid, 'pinned')
      expect((await get(cid)).created).toBe(body.created.replace(/\.\d+Z$/, 'Z'))
    })

    test('moves created and keeps the requestid when a CID is asked for again', async () => {
      const cid = cids.next('identity')
      const first = await pin(cid, { name: 'one', meta: { a: 'b' } })
      await sleep(1100)
      const second = await pin(cid, { name: 'two' })
      expect(second.requestid).toBe(first.requestid)
      expect(Date.parse(second.created)).toBeGreaterThan(Date.parse(first.created))
      expect(second.pin).toEqual({ cid, name: 'two' })
      expect(await list(`cid=${cid}`)).toMatchObject({ count: 1 })
    })

    test('replaces a request by one for another CID', async () => {
      const [old, wanted] = cids.take(2, 'identity') as [string, string]
      await pin(old)
      const { status, body } = await ask('POST', `/pins/${old}`, { cid: wanted, name: 'new' })
      expect(status).toBe(200)
      expect(body).toMatchObject({ requestid: wanted, pin: { cid: wanted, name: 'new' } })
      // Whether the new one is pinned is left to chance: the cluster may unpin the old one first, and then it fails.
      const isGone = async () =>
        expect(await ask('GET', `/pins/${old}`)).toMatchObject(refused(404, 'pin not found'))
      await vi.waitFor(isGone, { timeout: 120_000, interval: 100 })
      expect((await get(wanted)).pin).toEqual({ cid: wanted, name: 'new' })
    })

    test('destroys a pin that is replaced by the same CID', async () => {
      const cid = cids.next('identity')
      await pin(cid)
      expect(await ask('POST', `/pins/${cid}`, { cid })).toMatchObject({
        status: 200,
        body: { requestid: cid },
      })
      const isGone = async () =>
        expect(await ask('GET', `/pins/${cid}`)).toMatchObject(refused(404, 'pin not found'))
      await vi.waitFor(isGone, { timeout: 120_000, interval: 100 })
      expect(await list(`cid=${cid}&${everyStatus}`)).toMatchObject({ count: 0 })
    })

    test('removes a request', async () => {
      const cid = cids.next('identity')
      await pin(cid)
      expect(await ask('DELETE', `/pins/${cid}`)).toEqual({ status: 202, body: undefined })
      const isGone = async () => expect((await ask('GET', `/pins/${cid}`)).status).toBe(404)
      await vi.waitFor(isGone, { timeout: 120_000, interval: 100 })
    })

    test('refuses who has no token, and one that it does not know', async () => {
      expect(await ask('GET', '/pins', undefined, null)).toMatchObject(
        refused(401, 'unauthorized: no auth provided'),
      )
      expect(await ask('GET', '/pins', undefined, 'unknown')).toMatchObject(
        refused(401, 'unauthorized: invalid token'),
      )
    })

    test('refuses what it does not have', async () => {
      const cid = cids.next()
      const missing = refused(404, 'pin is not part of the pinset')
      expect(await ask('GET', '/nothing')).toMatchObject(refused(404, 'not found'))
      expect(await ask('GET', `/pins/${cid}`)).toMatchObject(refused(404, 'pin not found'))
      expect(await ask('DELETE', `/pins/${cid}`)).toMatchObject(missing)
      expect(await ask('POST', `/pins/${cid}`, { cid: cids.next() })).toMatchObject(missing)
    })

    test('refuses pins that are none', async () => {
      const cid = cids.next()
      expect(await ask('POST', '/pins', '{')).toMatchObject(refused(400))
      expect(await ask('POST', '/pins', { cid: 'xyz' })).toMatchObject(refused(400))
      expect(await ask('POST', '/pins', { cid, name: 'x'.repeat(256) })).toMatchObject(refused(400))
    })

    test('shows nothing while its node is down, and says of each CID that it failed in the year 1', async () => {
      const cid = cids.next('identity')
      const before = await pin(cid)
      const { count } = await list('status=pinned')
      await service.loseNode()
      expect(await list(everyStatus)).toEqual({ count: 0, results: [] })
      const failed = { requestid: cid, status: 'failed', created: '0001-01-01T00:00:00Z' }
      expect(await get(cid)).toMatchObject(failed)
      expect(await list(`cid=${cid}`)).toMatchObject({ count: 1, results: [failed] })
      await service.regainNode()
      const areBack = async () => expect((await list('status=pinned')).count).toBe(count)
      await vi.waitFor(areBack, { timeout: 120_000, interval: 200 })
      expect(await get(cid)).toEqual(before)
    })
  })
}
