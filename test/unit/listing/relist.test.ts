import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { hour } from '../../../src/domain/moment.ts'
import { Http } from '../../../src/http/http.ts'
import { listBucket, relistBucket } from '../../../src/listing/list-bucket.ts'
import { BucketClient } from '../../../src/service/pinning-service.ts'
import { RateLimit } from '../../../src/service/rate-limit.ts'
import { BucketRequests } from '../../../src/snapshot/bucket/requests.ts'
import { DelegateBook } from '../../../src/snapshot/delegates.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { Cids } from '../../sandbox/identity.ts'
import { readQuery } from '../../sandbox/pinning-service/query.ts'
import { shownRow } from '../../sandbox/pinning-service/shown.ts'
import { filebase, type Manners, startPinningService } from '../../sandbox/pinning-service.ts'

const start = Date.parse('2023-05-01T00:00:00Z')
const plain: Manners = { ...filebase, delegates: [], maxLimit: 20 }

/** A bucket that this run has listed. */
async function listedBucket(size = 10, manners = plain) {
  const service = await startPinningService({ buckets: { main: 'token' }, manners, seed: 1 })
  const bucket = service.bucket('main')
  const cids = new Cids(1)
  const add = (created: number) => bucket.add({ cid: cids.next(), created })
  for (let n = 0; n < size; n++) add(start + n * 10_000)
  const db = new DatabaseSync(':memory:')
  migrate(db)
  const http = new Http('test')
  const endpoint = new URL(service.url)
  const client = new BucketClient(
    { name: 'main', token: 'token' },
    { http, endpoint, gate: new RateLimit(1000) },
  )
  const requests = new BucketRequests(db, 'main', new DelegateBook(db, Date.now()))
  const options = { client, requests, run: 1, signal: new AbortController().signal, onProgress: () => {} }
  await listBucket({ ...options, full: false })
  return {
    service,
    bucket,
    add,
    db,
    relist: (run = 1) => relistBucket({ ...options, run }),
    listInRun: (run: number) => listBucket({ ...options, run, full: false }),
    async [Symbol.asyncDispose]() {
      await http.close()
      await service[Symbol.asyncDispose]()
      db.close()
    },
  }
}

test('what came and what settled since the first listing of a run is told, and that all is listed', async () => {
  await using under = await listedBucket()
  expect(await under.relist()).toEqual({ added: 0, changed: 0, unproved: [] })
  under.add(start + 1_000_000)
  under.bucket.setStatus(under.bucket.rows()[3]?.requestid ?? '', 'failed')
  expect(await under.relist()).toEqual({ added: 1, changed: 1, unproved: [] })
})

test.each([
  ['honoured', 'the service does not honour the bounds that it did'],
  ['truncated', expect.stringContaining('requests below the newest')],
] as const)(
  'where the counts stay unequal, not all is listed, and that says why (bounds that are %s)',
  async (fractions, why) => {
    const manners = { ...plain, fractions }
    await using under = await listedBucket(100, manners)
    under.service.intercept = ({ query }) => {
      const { rows, count } = under.bucket.page(readQuery(query, manners))
      const results = rows.map((row) => shownRow(manners, row, []))
      return { status: 200, body: JSON.stringify({ count: count > 50 ? count + 1 : count, results }) }
    }
    expect(await under.relist()).toEqual({ added: 0, changed: 0, unproved: [why] })
  },
)

test('where the service counts requests that it does not show, not all is listed, though the counts are equal', async () => {
  await using under = await listedBucket()
  let isFirst = true
  under.service.intercept = () => {
    if (!isFirst) return undefined
    isFirst = false
    return { status: 200, body: JSON.stringify({ count: 10, results: [] }) }
  }
  expect(await under.relist()).toMatchObject({
    added: 0,
    unproved: [expect.stringContaining('shows none of them')],
  })
})

test.each(['first', 'last', 'one-word'] as const)(
  'what came into an empty bucket is shown where several statuses are read as %s, and that is remembered',
  async (severalStatuses) => {
    await using under = await listedBucket(0, { ...plain, severalStatuses })
    for (let n = 0; n < 5; n++) under.add(start + n * 10_000)
    expect(await under.relist()).toEqual({ added: 5, changed: 0, unproved: [] })
    expect(under.db.prepare('SELECT single_statuses AS singly FROM bucket').get()).toEqual({ singly: 1 })
  },
)

test.each([
  [3, { removed: 3, vanished: 0, drops: [] }],
  [20, { removed: 0, vanished: 20, drops: [{ vanished: 20, at: expect.any(Number) }] }],
])(
  'of %i that vanished meanwhile the next run tells, and takes none of a large drop for gone',
  async (gone, told) => {
    await using under = await listedBucket(30, { ...plain, maxLimit: 1000 })
    for (const { requestid } of under.bucket.rows().slice(0, gone)) under.bucket.remove(requestid)
    expect(await under.relist()).toEqual({ added: 0, changed: 0, unproved: [] })
    expect(await under.relist()).toEqual({ added: 0, changed: 0, unproved: [] })
    expect(await under.listInRun(2)).toMatchObject({ complete: true, added: 0, ...told })
  },
)

test('what vanished after a large drop of the same run is not believed before its own day has passed', async () => {
  await using under = await listedBucket(200, { ...plain, maxLimit: 1000 })
  const remove = () => {
    for (const { requestid } of under.bucket.rows().slice(0, 40)) under.bucket.remove(requestid)
  }
  const letPass = (ms: number) =>
    under.db.exec(`UPDATE dropped SET here = here - ${ms}, service = service - ${ms}`)
  remove()
  expect(await under.listInRun(2)).toMatchObject({ drops: [{ vanished: 40 }] })
  letPass(4 * hour)
  remove()
  await under.relist(2)
  letPass(22 * hour)
  expect(await under.listInRun(3)).toMatchObject({ removed: 0, drops: [{ vanished: 80 }] })
  letPass(3 * hour)
  expect(await under.listInRun(4)).toMatchObject({ removed: 80, drops: [] })
})

test('what vanished after a later drop leaves the day of an earlier one as it was', async () => {
  await using under = await listedBucket(200, { ...plain, maxLimit: 1000 })
  const remove = (count: number) => {
    for (const { requestid } of under.bucket.rows().slice(0, count)) under.bucket.remove(requestid)
  }
  const letPass = (ms: number) =>
    under.db.exec(`UPDATE dropped SET here = here - ${ms}, service = service - ${ms}`)
  remove(40)
  await under.listInRun(2)
  letPass(20 * hour)
  remove(40)
  await under.listInRun(3)
  remove(5)
  await under.relist(3)
  letPass(5 * hour)
  expect(await under.listInRun(4)).toMatchObject({ removed: 40, drops: [{ vanished: 45 }] })
})

test('where nothing vanished meanwhile, what did before is believed by the next run', async () => {
  await using under = await listedBucket(45, { ...plain, count: 'page' })
  for (const { requestid } of under.bucket.rows().slice(20, 22)) under.bucket.remove(requestid)
  expect(await under.listInRun(2)).toMatchObject({ removed: 0, vanished: 2 })
  await under.relist(2)
  expect(await under.listInRun(3)).toMatchObject({ removed: 2, vanished: 0 })
})

test('one that moved meanwhile is changed, and not added', async () => {
  await using under = await listedBucket()
  const [row] = under.bucket.rows()
  under.bucket.remove(row?.requestid ?? '')
  under.bucket.add({ cid: row?.cid ?? '', requestid: row?.requestid ?? '', created: start + 1_000_000 })
  expect(await under.relist()).toEqual({ added: 0, changed: 1, unproved: [] })
})

test('where a row cannot be read, not all is listed, and the next run reads there again', async () => {
  await using under = await listedBucket()
  under.add(start + 1_000_000)
  const odd = under.bucket.rows().at(-1)
  under.bucket.odd = (row) => (row === odd ? 'no date' : undefined)
  const { added, unproved } = await under.relist()
  expect([added, unproved]).toEqual([0, [expect.stringContaining('1 row is no request')]])
  expect(under.db.prepare('SELECT count(*) AS n FROM unread').get()).toEqual({ n: 1 })
  under.bucket.odd = undefined
  expect(await under.listInRun(2)).toMatchObject({ complete: true, added: 1 })
})
