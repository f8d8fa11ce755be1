import { describe, expect, test } from 'vitest'
import { Cids } from './identity.ts'
import {
  filebase,
  freePlan,
  type Manners,
  noFunds,
  type PinningService,
  type PinningServiceOptions,
  specified,
  startPinningService,
} from './pinning-service.ts'

const cids = new Cids(1)
const cid = cids.next()

const start = (more: Partial<PinningServiceOptions> = {}) =>
  startPinningService({ buckets: { main: 'token', other: 'other-token' }, ...more })

async function ask(service: PinningService, path: string, options: RequestInit & { token?: string } = {}) {
  const { token = 'token', ...init } = options
  const response = await fetch(`${service.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}` },
  })
  const text = await response.text()
  const body = text === '' ? undefined : JSON.parse(text)
  return { status: response.status, body, headers: Object.fromEntries(response.headers) }
}

const post = (pin: object): RequestInit => ({ method: 'POST', body: JSON.stringify(pin) })

describe('the manner of Filebase', () => {
  test('shows a request as its traffic does', async () => {
    await using service = await start()
    const bucket = service.bucket('main')
    const created = '2023-01-25T23:01:43.900Z'
    const { requestid } = bucket.add({ cid, status: 'failed', created, reason: 'Exceeded Max Attempts (11)' })
    const { body } = await ask(service, `/pins/${requestid}`)
    expect(Buffer.from(requestid, 'base64url').toString()).toMatch(/^gid:\/\/filebase\/Asset\/\d+$/)
    expect(body).toEqual({
      requestid,
      status: 'failed',
      created: '2023-01-25T18:01:43.000-05:00',
      pin: { cid, name: cid, origins: [], meta: { failure_reason: 'Exceeded Max Attempts (11)' } },
      info: { size: '0' },
      delegates: [expect.any(String), expect.any(String), expect.any(String)],
    })
    bucket.add({ cid, created: '2022-08-30T17:22:53Z' })
    const { results } = (await ask(service, '/pins?status=pinned')).body
    expect(results[0].created).toBe('2022-08-30T13:22:53.000-04:00')
  })

  test('gives a new requestid on replace and forgets the old one', async () => {
    await using service = await start()
    const { requestid } = service.bucket('main').add({ cid })
    const replaced = await ask(service, `/pins/${requestid}`, post({ cid }))
    expect(replaced.status).toBe(200)
    expect(replaced.body).toMatchObject({ status: 'queued', pin: { cid } })
    expect(await ask(service, `/pins/${requestid}`)).toMatchObject({
      status: 404,
      body: { error: { reason: 'NOT_FOUND' } },
    })
    expect((await ask(service, `/pins/${replaced.body.requestid}`)).status).toBe(200)
  })

  test('makes another request when a CID is asked for again', async () => {
    await using service = await start()
    for (const name of ['one', 'two']) await ask(service, '/pins', post({ cid, name }))
    expect((await ask(service, `/pins?status=queued&cid=${cid}`)).body.count).toBe(2)
  })

  test('caps pages without a word', async () => {
    const manners: Manners = { ...filebase, maxLimit: 3 }
    await using service = await start({ manners })
    service.bucket('main').addAll(cids.take(5).map((one) => ({ cid: one })))
    const { body } = await ask(service, '/pins?limit=1000')
    expect({ count: body.count, shown: body.results.length }).toEqual({ count: 5, shown: 3 })
  })
})

describe('other manners', () => {
  test('refuses a page that is too large', async () => {
    await using service = await start({ manners: specified })
    expect((await ask(service, '/pins?limit=1000')).status).toBe(200)
    expect((await ask(service, '/pins?limit=1001')).status).toBe(400)
  })

  test('counts only what the page holds', async () => {
    await using service = await start({ manners: { ...filebase, count: 'page' } })
    service.bucket('main').addAll(cids.take(5).map((one) => ({ cid: one })))
    expect((await ask(service, '/pins?limit=2')).body.count).toBe(2)
  })

  test('follows the specification in ms, names and reasons', async () => {
    await using service = await start({ manners: specified })
    const created = '2023-01-25T23:01:43.912Z'
    service.bucket('main').add({ cid, status: 'failed', created, reason: 'no funds' })
    const { body } = await ask(service, '/pins?status=failed')
    expect(body.results).toMatchObject([{ created, pin: { meta: {} }, info: { status_details: 'no funds' } }])
    expect(body.results[0].pin).not.toHaveProperty('name')
    expect((await ask(service, '/pins')).body.count).toBe(0)
  })
})

describe('what becomes of a request', () => {
  test('stays queued until the test says otherwise', async () => {
    await using service = await start()
    const { body } = await ask(service, '/pins', post({ cid }))
    expect((await ask(service, `/pins/${body.requestid}`)).body.status).toBe('queued')
    service.bucket('main').setStatus(body.requestid, 'failed', 'no peers')
    expect((await ask(service, `/pins/${body.requestid}`)).body).toMatchObject({
      status: 'failed',
      pin: { meta: { failure_reason: 'no peers' } },
    })
  })

  test('settles after so many requests', async () => {
    await using service = await start({ settle: () => ({ status: 'pinned', after: { requests: 2 } }) })
    const { body } = await ask(service, '/pins', post({ cid }))
    const status = async () => (await ask(service, `/pins/${body.requestid}`)).body.status
    expect([await status(), await status(), await status()]).toEqual(['queued', 'pinned', 'pinned'])
  })

  test('settles as the request decides', async () => {
    await using service = await start({
      settle: ({ name }) =>
        name === 'bad'
          ? { status: 'failed', reason: 'bad', after: { requests: 0 } }
          : { status: 'pinned', after: { requests: 1e9 } },
    })
    for (const name of ['bad', 'slow']) await ask(service, '/pins', post({ cid, name }))
    const rows = service.bucket('main').rows()
    expect(rows.map(({ name, status, reason }) => [name, status, reason]).sort()).toEqual([
      ['bad', 'failed', 'bad'],
      ['slow', 'queued', undefined],
    ])
  })
})

describe('what goes wrong', () => {
  test('keeps buckets apart and refuses unknown tokens', async () => {
    await using service = await start()
    service.bucket('other').add({ cid })
    expect((await ask(service, '/pins')).body.count).toBe(0)
    expect((await ask(service, '/pins', { token: 'other-token' })).body.count).toBe(1)
    expect(await ask(service, '/pins', { token: 'unknown' })).toMatchObject({
      status: 401,
      body: { error: { reason: 'ERR_INVALID_TOKEN', details: 'api key does not exist' } },
    })
  })

  test('refuses a whole bucket in its own words', async () => {
    await using service = await start()
    service.bucket('main').refusal = freePlan
    service.bucket('other').refusal = noFunds
    expect(await ask(service, '/pins')).toMatchObject({
      status: 403,
      body: { error: { reason: 'FORBIDDEN' } },
    })
    expect((await ask(service, '/pins', { token: 'other-token' })).status).toBe(409)
  })

  test('hides rows for a time', async () => {
    await using service = await start()
    const bucket = service.bucket('main')
    const [one, two] = cids.take(2) as [string, string]
    bucket.addAll([{ cid: one }, { cid: two }])
    bucket.hidden = (row) => row.cid === one
    const listed = async () => (await ask(service, '/pins')).body
    expect(await listed()).toMatchObject({ count: 1, results: [{ pin: { cid: two } }] })
    bucket.hidden = undefined
    expect(await listed()).toMatchObject({ count: 2 })
  })

  test('answers one request too many with 429', async () => {
    const rateLimit = { requests: 2, perMs: 60_000, retryAfter: () => '7' }
    await using service = await start({ rateLimit })
    const statuses = []
    for (let request = 0; request < 3; request++) statuses.push((await ask(service, '/pins')).status)
    expect(statuses).toEqual([200, 200, 429])
    expect((await ask(service, '/pins')).headers['retry-after']).toBe('7')
  })

  test('fails single requests as a test wants', async () => {
    await using service = await start()
    service.bucket('main').add({ cid })
    service.intercept = () => ({ status: 502, headers: { 'content-type': 'text/html' }, body: '"<html>"' })
    expect(await ask(service, '/pins')).toMatchObject({ status: 502, body: '<html>' })
    service.intercept = () => 'cut'
    await expect(ask(service, '/pins', post({ cid }))).rejects.toThrow()
    expect(service.bucket('main').size).toBe(1)
    service.intercept = () => 'truncate'
    await expect(ask(service, '/pins', post({ cid }))).rejects.toThrow()
    expect(service.bucket('main').size).toBe(2)
    service.intercept = () => 'hang'
    await expect(ask(service, '/pins', { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout')
    service.intercept = () => ({ delayMs: 1 })
    expect((await ask(service, '/pins')).status).toBe(200)
    expect(service.requests.map(({ method, status }) => [method, status])).toEqual([
      ['GET', 502],
      ['POST', undefined],
      ['POST', 202],
      ['GET', undefined],
      ['GET', 200],
    ])
  })

  test('is not there while it is stopped, and then is where it was', async () => {
    await using service = await start()
    const { url } = service
    await service.stop()
    await expect(ask(service, '/pins')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    await service.listen()
    expect(service.url).toBe(url)
    expect((await ask(service, '/pins')).status).toBe(200)
  })
})
