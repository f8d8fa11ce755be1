import { expect, test } from 'vitest'
import { Cids } from '../../sandbox/identity.ts'
import { filebase, type Manners } from '../../sandbox/pinning-service.ts'
import { BucketUnderTest } from './bucket-under-test.ts'

test('a page that ignores the limit and brings 200,000 rows is taken', async () => {
  const manners: Manners = { ...filebase, delegates: [], maxLimit: 20, aboveMaxLimit: 'ignored' }
  await using under = await BucketUnderTest.start(manners)
  const cids = new Cids(1)
  const start = Date.parse('2023-05-01T00:00:00Z')
  under.bucket.addAll(cids.take(200_000).map((cid, n) => ({ cid, created: start + n * 10_000 })))
  expect(await under.list()).toMatchObject({ complete: true, vanished: 0, notes: [], added: 200_000 })
  expect(under.service.requests.length).toBeLessThan(20)
}, 300_000)

test('an answer of nothing but millions of values is an error, and not read', async () => {
  await using under = await BucketUnderTest.start({ ...filebase, delegates: [] })
  const body = `{"count":1,"results":[${Array(8_000_001).fill(0).join(',')}]}`
  under.service.intercept = () => ({ status: 200, body })
  await expect(under.list()).rejects.toThrow('holds more than 8000000 values')
})
