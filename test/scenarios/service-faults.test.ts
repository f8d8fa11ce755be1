import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { added, Mirror } from './mirror.ts'

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

test('a service that is down for good is an error; what earlier runs listed is backed up', async () => {
  await using mirror = await Mirror.start()
  const cid = new Cids(1).next()
  mirror.service.bucket('photos').add({ cid })
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
  await using mirror = await Mirror.start()
  mirror.service.intercept = () => 'hang'
  const ran = await mirror.run({ inputs: { 'time-limit': '5s' } })
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
