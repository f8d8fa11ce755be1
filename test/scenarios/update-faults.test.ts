import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { freePlan, noFunds } from '../sandbox/pinning-service.ts'
import { Random } from '../sandbox/random.ts'
import type { RecordedRequest } from '../sandbox/server.ts'
import { Mirror, posted, until } from './mirror.ts'

const inputs = { direction: 'update', 'settle-timeout': '2s', origins: 'none' }
const pinned = () => ({ status: 'pinned' as const, after: { requests: 1 } })
const isPost = ({ method }: RecordedRequest) => method === 'POST'

/** A mirror whose node has so many pins that the service lacks. */
async function withMissing(
  count: number,
  seed: number,
): Promise<{ mirror: Mirror; cids: readonly string[] }> {
  const mirror = await Mirror.start({ service: { settle: pinned } })
  const cids = new Cids(seed).take(count)
  for (const cid of cids) mirror.node.pin(cid)
  return { mirror, cids }
}

/** The bucket's requests by CID. */
function requestsOf(mirror: Mirror): Map<string, number> {
  const rows = mirror.service.bucket('photos').rows()
  return new Map([...Map.groupBy(rows, ({ cid }) => cid)].map(([cid, ofCid]) => [cid, ofCid.length]))
}

test('a service that drops connections and refuses for a while ends with exactly one live request a CID', async () => {
  const { mirror, cids } = await withMissing(300, 1)
  await using _ = mirror
  const random = new Random(7)
  mirror.service.intercept = () => {
    const fate = random.below(20)
    // Before it is done, and after.
    if (fate === 0) return 'cut'
    if (fate === 1) return 'truncate'
    if (fate === 2) return { status: 429, headers: { 'retry-after': '0' }, body: '{}' }
    if (fate === 3) return { status: 503, body: '<html>' }
    return undefined
  }
  const ran = await mirror.run({ inputs: { ...inputs, 'requests-per-second': '200' } })
  const { pinned = [], pending = [] } = ran.report.update ?? {}
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    errors: [],
    update: { missing: 300, failed: [], unsent: [] },
  })
  expect(pinned.length).toBe(mirror.service.bucket('photos').size)
  // What may have been taken in is not sent again before it is sure that it was not.
  expect(pinned.length + pending.length).toBe(300)
  mirror.service.intercept = undefined
  mirror.letPass(61)
  await mirror.run({ inputs: { ...inputs, 'requests-per-second': '200' } })
  expect(requestsOf(mirror)).toEqual(new Map(cids.map((cid) => [cid, 1])))
}, 300_000)

test('a request whose answer is lost is found by the listing of the same run', async () => {
  await using mirror = await Mirror.start({ service: { settle: pinned } })
  const { v0 } = new Cids(2).bothVersions()
  mirror.node.pin(v0)
  let posts = 0
  mirror.service.intercept = ({ method }) => (method === 'POST' && ++posts === 1 ? 'truncate' : undefined)
  const ran = await mirror.run({ inputs })
  expect(posts).toBe(1)
  expect(ran.report.update).toMatchObject({ pinned: [{ cid: v0 }] })
})

test.each([
  ['funds that do not suffice', noFunds, 'funds'],
  ['a plan that does not include it', freePlan, 'paid account'],
])('%s end the sending at once, in the service’s words', async (_what, refusal, words) => {
  const { mirror } = await withMissing(200, 3)
  await using _ = mirror
  const photos = mirror.service.bucket('photos')
  mirror.service.intercept = (request) =>
    isPost(request) && photos.size >= 40
      ? { status: refusal.status, body: JSON.stringify({ error: refusal }) }
      : undefined
  // Slow, so that few are on their way also where each takes long.
  const slowly = { ...inputs, 'requests-per-second': '20' }
  const ran = await mirror.run({ inputs: slowly })
  expect(ran.report.conclusion).toBe('error')
  expect(ran.report.errors).toMatchObject([{ where: 'service', message: expect.stringContaining(words) }])
  const { update } = ran.report
  expect(update).toMatchObject({ missing: 200, failed: [], pending: [] })
  expect(update?.pinned.length).toBe(photos.size)
  expect(update?.unsent.length).toBe(200 - photos.size)
  // As many as show whose fault it is, those that were on their way, and a sample.
  expect(posted(ran).length).toBeLessThanOrEqual(photos.size + 20 + 50 + 3)
  expect(ran.summary).toContain('not sent')
  // It is not held against the CIDs.
  const left = 200 - photos.size
  mirror.service.intercept = undefined
  const next = await mirror.run({ inputs })
  expect(next.report.update).toMatchObject({ missing: left, pinned: { length: left } })
})

test('a CID that the service does not take is held against that CID alone', async () => {
  const { mirror, cids } = await withMissing(3, 4)
  await using _ = mirror
  const [bad = ''] = cids
  const error = { reason: 'BAD_REQUEST', details: 'this content is blocked' }
  mirror.service.intercept = (request) =>
    isPost(request) && request.body.includes(bad)
      ? { status: 400, body: JSON.stringify({ error }) }
      : undefined
  const ran = await mirror.run({ inputs })
  expect(ran.report).toMatchObject({
    conclusion: 'failed-pins',
    update: {
      pinned: { length: 2 },
      failed: [{ cid: bad, reason: 'BAD_REQUEST: this content is blocked', attempts: 1 }],
    },
  })
})

test('a CID at which the service breaks each time does not hold up the others', async () => {
  const { mirror, cids } = await withMissing(5, 5)
  await using _ = mirror
  const [bad = ''] = cids
  mirror.service.intercept = (request) =>
    isPost(request) && request.body.includes(bad) ? { status: 500, body: '{}' } : undefined
  const ran = await mirror.run({ inputs })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    update: { pinned: { length: 4 }, failed: [], pending: [{ cid: bad }] },
  })
  expect(posted(ran)).toHaveLength(5)
  const again = await mirror.run({ inputs })
  expect(posted(again)).toEqual([])
  mirror.letPass(61)
  // Alone it may be the service: another that is taken shows that it is not.
  mirror.node.pin(new Cids(6).next())
  const later = await mirror.run({ inputs })
  expect(posted(later)).toHaveLength(2)
  expect(later.report).toMatchObject({ conclusion: 'failed-pins', update: { failed: [{ cid: bad }] } })
})

test('how far it has come is said while it lasts', async () => {
  const { mirror } = await withMissing(30, 11)
  await using _ = mirror
  const ran = await mirror.run({ inputs: { ...inputs, 'requests-per-second': '4' } })
  expect(ran.log).toMatch(/\d+ of 30 CIDs asked for \(\d+%\)/)
})

test('at the end of its time nothing more is sent, and what was sent is kept', async () => {
  const { mirror } = await withMissing(200, 6)
  await using _ = mirror
  const ran = await mirror.run({ inputs: { ...inputs, 'requests-per-second': '20', 'time-limit': '5s' } })
  const { update, conclusion } = ran.report
  expect(conclusion).toBe('out-of-time')
  expect(update?.unsent.length).toBeGreaterThan(0)
  expect((update?.pinned.length ?? 0) + (update?.pending.length ?? 0)).toBe(
    mirror.service.bucket('photos').size,
  )
  const next = await mirror.run({ inputs: { ...inputs, 'requests-per-second': '200' } })
  expect(next.report.update?.unsent).toEqual([])
  expect(requestsOf(mirror).size).toBe(200)
  expect(mirror.service.bucket('photos').size).toBe(200)
})

test.each(['SIGINT', 'SIGKILL'] as const)(
  'after %s in the middle of the sending nothing is sent twice',
  async (signal) => {
    const { mirror, cids } = await withMissing(100, 7)
    await using _ = mirror
    const running = mirror.start({ inputs: { ...inputs, 'requests-per-second': '40' } })
    await until(() => mirror.service.bucket('photos').size > 20)
    running.kill(signal)
    await running.ended
    // Those that were on their way are in doubt.
    mirror.letPass(61)
    await mirror.run({ inputs: { ...inputs, 'requests-per-second': '200' } })
    expect(requestsOf(mirror)).toEqual(new Map(cids.map((cid) => [cid, 1])))
  },
)

test('a rate limit slows the sending down, and it recovers', async () => {
  await using mirror = await Mirror.start({
    // So low that also a busy machine is too fast.
    service: { settle: pinned, rateLimit: { requests: 5, perMs: 500, retryAfter: () => '' } },
  })
  for (const cid of new Cids(8).take(50)) mirror.node.pin(cid)
  const ran = await mirror.run({ inputs: { ...inputs, 'requests-per-second': '200' } })
  expect(ran.asked.service.some(({ status }) => status === 429)).toBe(true)
  expect(ran.report.update).toMatchObject({ pinned: { length: 50 } })
  expect(mirror.service.bucket('photos').size).toBe(50)
})

test('requests that vanish while they settle are pending, and sent again once that is sure', async () => {
  let isSettling = false
  await using mirror = await Mirror.start({ service: { settle: () => (isSettling ? pinned() : undefined) } })
  const cids = new Cids(9).take(3)
  for (const cid of cids) mirror.node.pin(cid)
  const photos = mirror.service.bucket('photos')
  let isSent = false
  mirror.service.intercept = (request) => {
    isSent ||= isPost(request)
    // The first look after the sending.
    if (isSent && request.method === 'GET') {
      for (const { requestid } of photos.rows()) photos.remove(requestid)
      mirror.service.intercept = undefined
    }
    return undefined
  }
  const ran = await mirror.run({ inputs })
  expect(photos.size).toBe(0)
  expect(ran.report.update).toMatchObject({ missing: 3, pinned: [], pending: { length: 3 } })
  isSettling = true
  const next = await mirror.run({ inputs })
  expect(next.report.update).toMatchObject({ missing: 3, pending: { length: 3 } })
  mirror.letPass(61)
  const later = await mirror.run({ inputs })
  expect(later.report.update).toMatchObject({ missing: 3, pinned: { length: 3 } })
  expect(requestsOf(mirror)).toEqual(new Map(cids.map((cid) => [cid, 1])))
})

test('two updates at once: one is told that the other is at work, and nothing is sent twice', async () => {
  const { mirror, cids } = await withMissing(60, 10)
  await using _ = mirror
  const runs = [1, 2].map(() => mirror.start({ inputs: { ...inputs, 'requests-per-second': '30' } }))
  const ended = await Promise.all(runs.map(({ ended }) => ended))
  expect(ended.map(({ report }) => report.conclusion).toSorted()).toEqual(['error', 'ok'])
  expect(requestsOf(mirror)).toEqual(new Map(cids.map((cid) => [cid, 1])))
})
