import { describe, expect, test } from 'vitest'
import { Cids } from '../../sandbox/identity.ts'
import type { PinRow } from '../../sandbox/pinning-service.ts'
import { UpdateBox } from './box.ts'
import { boxWith, isPost, minute, plain, refusal, sizes, told } from './box-with.ts'

const saying = ({ warnings }: Awaited<ReturnType<UpdateBox['update']>>) =>
  warnings.map(({ message }) => message).join('\n')

/** A box whose service took some CIDs in with an answer that was lost, and shows them by their CIDs only. */
async function boxInDoubt(count: number) {
  const found = await boxWith(count)
  const { box } = found
  box.photos.hidden = (row, by) => by === 'list' && found.cids.includes(row.cid)
  box.service.intercept = (request) =>
    isPost(request) ? { status: 500, body: '{}', isDone: true } : undefined
  await box.update()
  box.service.intercept = undefined
  box.letPass(61 * minute)
  return found
}

/** A box with CIDs at the service that no list shows any more. */
async function boxWithGone(count: number) {
  const cids = new Cids(6).take(60)
  const box = await UpdateBox.start({ manners: plain })
  for (const cid of cids) {
    box.photos.add({ cid })
    box.node.pin(cid)
  }
  await box.update()
  const gone = cids.slice(0, count)
  box.photos.hidden = ({ cid }, by) => by === 'list' && gone.includes(cid)
  return { box, cids, gone }
}

describe('a look that does not tell whether a CID is there', () => {
  test('that shows only an odd row: nothing is bought, and that is said', async () => {
    const { box, cids } = await boxInDoubt(1)
    await using _ = box
    box.photos.odd = ({ cid }) => (cids.includes(cid) ? 'no date' : undefined)
    for (let run = 0; run < 3; run++) {
      const ran = await box.update()
      expect(sizes(ran)).toEqual({ pinned: 0, failed: 0, pending: 1, unsent: 0 })
      expect(saying(ran)).toContain('did not tell of 1 CID')
      box.letPass(61 * minute)
    }
    expect(box.photos.size).toBe(1)
  })

  test('that shows less than it counts: nothing is bought', async () => {
    const { box } = await boxInDoubt(1)
    await using _ = box
    box.service.intercept = ({ query }) =>
      query.has('cid') ? { status: 200, body: '{"count":1,"results":[]}' } : undefined
    for (let run = 0; run < 3; run++) {
      expect(sizes(await box.update())).toMatchObject({ pending: 1 })
      box.letPass(61 * minute)
    }
    expect(box.photos.size).toBe(1)
  })

  test.each([3, 10])('of %i that are gone, asked for several at a time: nothing is bought', async (count) => {
    const { box, gone } = await boxWithGone(count)
    await using _ = box
    box.photos.odd = ({ cid }) => (gone.includes(cid) ? 'no date' : undefined)
    const ran = await box.update()
    expect(sizes(ran)).toMatchObject({ pending: count, unsent: 0 })
    expect(box.photos.size).toBe(60)
  })

  test.each([
    ['by its requestid with an answer that is none', 'get'],
    ['by its CID with a refusal', 'refused'],
    ['by its CID with an error', 'broken'],
  ])('%s: that CID stays in doubt, and the others are sent', async (_, way) => {
    const { box, cids } = await boxWith(1)
    await using _box = box
    const [known = ''] = cids
    box.photos.hidden = ({ cid }, by) => by === 'list' && cid === known
    await box.update()
    box.letPass(61 * minute)
    for (const cid of new Cids(9).take(5)) box.node.pin(cid)
    const id = box.photos.rows()[0]?.requestid ?? ''
    box.service.intercept = ({ path, query }) => {
      const isById = path.endsWith(id)
      if (way === 'get' && isById) return { status: 200, body: `{"requestid":"${id}","status":"archived"}` }
      // By its CID it is not shown to be there either.
      if (way === 'get' && query.has('cid')) return { status: 200, body: '{"count":0,"results":[]}' }
      if (isById) return { status: 404, body: refusal('NOT_FOUND') }
      if (!query.has('cid')) return undefined
      if (way === 'refused') return { status: 400, body: refusal('BAD_REQUEST', 'cid: not understood') }
      return { status: 400, body: '<html>' }
    }
    const ran = await box.update()
    expect(ran.errors).toEqual([])
    expect(sizes(ran)).toMatchObject({ pending: 6, unsent: 0 })
    expect(saying(ran)).toContain('did not tell of 1 CID')
    expect(box.photos.size).toBe(6)
  })

  test('the token is refused in a look: the run ends with an error, and nothing is bought', async () => {
    const { box } = await boxInDoubt(2)
    await using _ = box
    box.service.intercept = ({ query }) =>
      query.has('cid') ? { status: 401, body: refusal('UNAUTHORIZED') } : undefined
    const ran = await box.update()
    expect(ran.errors).toMatchObject([{ where: 'service' }])
    expect(sizes(ran)).toMatchObject({ pending: 2 })
  })
})

describe('what is looked for holds up nothing else', () => {
  test('new CIDs are sent before any look, and what was looked for in vain is not looked for again', async () => {
    const { box, cids } = await boxWithGone(0)
    await using _ = box
    for (const { requestid } of box.photos.rows().slice(0, 40)) box.photos.remove(requestid)
    await box.update()
    const fresh = new Cids(77).take(5)
    for (const cid of fresh) box.node.pin(cid)
    const asked = box.service.requests.length
    let posts = 0
    // The service stops to answer once some of those that are gone were sent.
    box.service.intercept = (request) =>
      isPost(request) && ++posts > 12 ? { status: 401, body: refusal('UNAUTHORIZED') } : undefined
    const inputs = { 'full-listing': 'true', 'requests-per-second': '20' }
    await box.update({ isManual: true, inputs })
    const sent = box.service.requests.slice(asked)
    const isLook = ({ query }: (typeof sent)[number]) => query.has('cid')
    const firstLook = sent.findIndex(isLook)
    const before = sent.slice(0, firstLook).filter(isPost)
    expect(before.map(({ body }) => JSON.parse(body).cid).toSorted()).toEqual(fresh.toSorted())
    const left = box.db.prepare('SELECT count(*) AS n FROM gone').get()?.['n'] as number
    expect(left).toBeLessThan(40)
    expect(left).toBeGreaterThan(0)
    box.service.intercept = undefined
    await box.update()
    expect(
      box.photos
        .rows()
        .map(({ cid }) => cid)
        .toSorted(),
    ).toEqual([...cids, ...fresh].toSorted())
    expect(box.db.prepare('SELECT count(*) AS n FROM gone').get()).toEqual({ n: 0 })
  })

  test('a failed request that cannot be looked at for the rate is left when the time is over', async () => {
    const { box, cids } = await boxWith(1)
    await using _ = box
    const { requestid } = box.photos.add({ cid: cids[0] ?? '', status: 'failed' })
    let asked = 0
    box.service.intercept = ({ path }) => {
      if (!path.endsWith(requestid)) return undefined
      asked++
      return { status: 429, headers: { 'retry-after': asked === 1 ? '3600' : '0' }, body: '{}' }
    }
    const ran = await box.update({ inputs: { 'time-limit': '2s' } })
    expect(ran.errors).toEqual([])
    expect([asked, ran.filling.outOfTime]).toEqual([1, true])
  })
})

describe('what only a look shows', () => {
  test('pinned: it is pinned, in the bucket that has it, and bought nowhere', async () => {
    await using box = await UpdateBox.start({ manners: plain, buckets: { photos: 'token', other: 'two' } })
    const { service } = box
    const cids = new Cids(3).take(30)
    for (const cid of cids) {
      service.bucket('other').add({ cid })
      box.node.pin(cid)
    }
    const inputs = { buckets: 'photos=token\nother=two', 'target-bucket': 'photos' }
    await box.update({ inputs })
    service.bucket('other').hidden = ({ cid }, by) => cid === cids[0] && by === 'list'
    for (let run = 0; run < 2; run++) {
      const ran = await box.update({ inputs, settleTimeout: 20_000 })
      expect(told(ran, 'pinned')).toMatchObject([{ cid: cids[0], bucket: 'other' }])
      expect(sizes(ran)).toEqual({ pinned: 1, failed: 0, pending: 0, unsent: 0 })
      expect(ran.filling.buckets.map(({ cids: n }) => n)).toEqual([0, 30])
      box.letPass(61 * minute)
    }
    expect(service.requests.filter(isPost)).toEqual([])
  })

  test('failed, at two looks: it is in the ledger, and sent again after its pause', async () => {
    const { box, posts } = await boxWith(1)
    await using _ = box
    box.photos.hidden = ({ status }: PinRow, by) => status === 'failed' && by !== 'requestid'
    await box.update()
    const [row] = box.photos.rows()
    box.photos.setStatus(row?.requestid ?? '', 'failed', 'no provider')
    const ran = await box.update()
    expect(sizes(ran)).toEqual({ pinned: 0, failed: 1, pending: 0, unsent: 0 })
    expect(told(ran, 'failed')).toMatchObject([{ reason: 'no provider', attempts: 1 }])
    await box.update()
    expect(posts()).toHaveLength(1)
    box.letPass(16 * minute)
    await box.update()
    expect(posts()).toHaveLength(2)
  })
})
