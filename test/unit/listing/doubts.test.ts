import { expect, test } from 'vitest'
import { Cids } from '../../sandbox/identity.ts'
import { filebase, type Manners } from '../../sandbox/pinning-service.ts'
import { BucketUnderTest } from './bucket-under-test.ts'

const start = Date.parse('2023-05-01T00:00:00Z')
const plain: Manners = { ...filebase, delegates: [] }

async function bucketOf(manners: Manners, count: number) {
  const under = await BucketUnderTest.start(manners)
  const cids = new Cids(1)
  const add = (created: number) => under.bucket.add({ cid: cids.next(), created })
  for (let n = 0; n < count; n++) add(start + n * 10_000)
  return { under, add }
}

test('a request outside of the bounds it was asked for tells that the service goes by finer instants than it shows', async () => {
  const { under, add } = await bucketOf({ ...plain, maxLimit: 20, created: 'hidden-milliseconds' }, 400)
  await using _ = under
  await under.list()
  // The audit of two runs looks at what is just below the head, the next farther down.
  await under.list()
  const from = under.service.requests.length
  expect(await under.list()).toMatchObject({ complete: true })
  const head = under.service.requests
    .slice(from)
    .map(({ query }) => ({ after: query.get('after'), before: query.get('before') }))
    .find(({ after, before }) => after !== null && before === null)
  const bound = Date.parse(head?.after ?? '')
  expect(bound % 1000).toBe(500)
  // One is shown just below the bound of the head and counted above it, and an older one makes up for it in the counts.
  add(bound + 200)
  add(start + 95_000)
  expect(await under.list()).toMatchObject({ complete: true, added: 2 })
  expect(under.snapshot()).toEqual(under.truth())
})

test('that pages of a length were cut is found out once a run, not for each page', async () => {
  const { under } = await bucketOf({ ...plain, count: 'page', maxLimit: 1000 }, 4000)
  await using _ = under
  await under.list()
  under.manners.maxLimit = 100
  const { asked } = await under.list()
  const pages = 40
  expect(asked).toBeLessThan(2 * pages)
  expect(under.snapshot()).toEqual(under.truth())
})
