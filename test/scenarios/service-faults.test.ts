import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import type { Intercept, RecordedRequest } from '../sandbox/server.ts'
import { added, Mirror } from './mirror.ts'

/** A mirror with one CID that is missing, and a service that is as told at its first requests. */
async function withFaults(faultOf: (request: RecordedRequest, nth: number) => ReturnType<Intercept>) {
  const mirror = await Mirror.start()
  const cid = new Cids(1).next()
  mirror.service.bucket('photos').add({ cid })
  let asked = 0
  mirror.service.intercept = (request) => faultOf(request, ++asked)
  return { mirror, cid }
}

test.each([
  ['a 429 that says when to come back', { status: 429, headers: { 'retry-after': '1' }, body: 'slow down' }],
  ['a 500', { status: 500, body: '{"error":{"reason":"INTERNAL_SERVER_ERROR"}}' }],
  ['a 503 that is not JSON', { status: 503, body: '<html>' }],
  ['a connection that is cut', 'cut'],
  ['half of an answer', 'truncate'],
] as const)('%s is asked again', async (what, fault) => {
  const { mirror, cid } = await withFaults((_, nth) => (nth === 1 ? fault : undefined))
  await using _ = mirror
  const ran = await mirror.run()
  expect(ran.report).toMatchObject({ conclusion: 'ok', errors: [], backup: { pinned: [{ cid }] } })
  expect(ran.report.buckets[0]?.listing).toMatchObject({
    complete: true,
    httpRequests: ran.asked.service.length,
  })
  if (!what.includes('429')) return
  const [first, second] = ran.asked.service
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1000)
})

test('a rate limit that does not say when to come back is waited out', async () => {
  const rateLimit = { requests: 2, perMs: 2500, retryAfter: () => '' }
  await using mirror = await Mirror.start({ service: { rateLimit } })
  const cids = new Cids(5).take(9000)
  mirror.service.bucket('photos').addAll(cids.map((cid, index) => ({ cid, created: 1.7e12 + index * 1000 })))
  for (const cid of cids) mirror.node.pin(cid)
  const ran = await mirror.run()
  expect(ran.asked.service.some(({ status }) => status === 429)).toBe(true)
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    buckets: [{ cids: 9000, listing: { complete: true } }],
  })
})

// Once by all statuses, which it may not take at once, and by one of them: three times where it may be for a moment.
test.each([
  [
    'a page of HTML',
    { status: 200, body: '<!doctype html><script>alert(1)</script>' },
    'the answer is not JSON',
    4,
  ],
  ['JSON of another kind', { status: 200, body: '{"pins":[]}' }, 'count', 4],
  [
    'a request without an id',
    { status: 200, body: '{"count":1,"results":[{"status":"pinned"}]}' },
    'requestid',
    1,
  ],
  [
    'a path that is not there',
    { status: 404, body: '{"error":{"reason":"NOT_FOUND"}}' },
    'check `endpoint`',
    1,
  ],
  ['a token that may not', { status: 403, body: '{"error":{"reason":"FORBIDDEN"}}' }, 'check the plan', 1],
])('%s is an error that says so, and is asked no more often than may help', async (_, fault, said, asked) => {
  const { mirror } = await withFaults(() => fault)
  await using __ = mirror
  const ran = await mirror.run()
  expect(ran.report).toMatchObject({ conclusion: 'error', errors: [{ where: 'bucket photos' }] })
  expect(ran.report.errors[0]?.message).toContain(said)
  expect(ran.report.errors[0]?.message).toContain(`GET ${mirror.service.url}/pins`)
  expect(ran.asked.service).toHaveLength(asked)
})

test('a redirect is not followed: the token goes to the endpoint only', async () => {
  await using elsewhere = await Mirror.start()
  const { mirror } = await withFaults(({ path }) => ({
    status: 307,
    headers: { location: `${elsewhere.service.origin}${path}` },
  }))
  await using _ = mirror
  const ran = await mirror.run()
  expect(ran.report.errors[0]?.message).toContain('no redirect is followed with a token')
  expect(elsewhere.service.requests).toEqual([])
})

test('a service that is down for good is an error; what earlier runs listed is backed up', async () => {
  const { mirror, cid } = await withFaults(() => undefined)
  await using _ = mirror
  await mirror.run()
  mirror.node.pins.clear()
  await mirror.service.stop()
  const ran = await mirror.run()
  expect(ran.report).toMatchObject({ conclusion: 'error', backup: { missing: 1, pinned: [{ cid }] } })
  expect(ran.report.errors[0]?.message).toContain('ECONNREFUSED')
})

test('a listing that breaks off in the middle keeps its pages, and the next run goes on from them', async () => {
  await using mirror = await Mirror.start()
  const cids = new Cids(3).take(6000)
  mirror.service.bucket('photos').addAll(cids.map((cid, index) => ({ cid, created: 1.7e12 + index * 1000 })))
  for (const cid of cids.slice(20)) mirror.node.pin(cid)
  const forbidden = { status: 403, body: '{"error":{"reason":"FORBIDDEN"}}', delayMs: 3000 }
  let asked = 0
  mirror.service.intercept = () => (++asked > 5 ? forbidden : undefined)
  const broken = await mirror.run()
  expect(broken.report).toMatchObject({
    conclusion: 'error',
    buckets: [{ listing: { mode: 'cold', complete: false } }],
  })
  const kept = broken.report.buckets[0]?.cids ?? 0
  expect(kept).toBeGreaterThan(1000)

  mirror.service.intercept = undefined
  const next = await mirror.run()
  expect(next.report).toMatchObject({
    conclusion: 'ok',
    buckets: [{ cids: 6000, listing: { mode: 'cold', complete: true } }],
  })
  expect(next.report.buckets[0]?.listing.added).toBe(6000 - kept)
})

test('a service that says nothing for longer than the run may take', async () => {
  const { mirror } = await withFaults(() => 'hang')
  await using _ = mirror
  const ran = await mirror.run({ inputs: { 'time-limit': '1s' } })
  expect(ran.exitCode).toBe(1)
  expect(ran.report).toMatchObject({
    conclusion: 'error',
    errors: [{ where: 'bucket photos', message: expect.stringContaining('endpoint') }],
    buckets: [{ listing: { complete: false } }],
  })
})

test('requests change while they are listed: nothing is lost', async () => {
  await using mirror = await Mirror.start()
  const photos = mirror.service.bucket('photos')
  const cids = new Cids(4)
  const old = cids
    .take(2500)
    .map((cid, index) => photos.add({ cid, created: 1.7e12 + Math.floor(index / 40) * 1000 }))
  for (const { cid } of old) mirror.node.pin(cid)
  const late: string[] = []
  let asked = 0
  mirror.service.intercept = () => {
    if (++asked > 4) return undefined
    photos.remove(old[asked * 300]?.requestid ?? '')
    late.push(photos.add({ cid: cids.next() }).cid)
    return undefined
  }
  const ran = await mirror.run()
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    buckets: [{ cids: 2500, listing: { complete: true } }],
  })
  expect(added(ran).toSorted()).toEqual(late.toSorted())
})
