import { expect, test } from 'vitest'
import type { Status } from '../../../src/domain/pin.ts'
import { Cids } from '../../sandbox/identity.ts'
import { filebase, type Manners } from '../../sandbox/pinning-service.ts'
import { askedFor } from './asked-for.ts'
import { BucketUnderTest } from './bucket-under-test.ts'

const start = Date.parse('2023-05-01T00:00:00Z')
const pages: Manners = { ...filebase, delegates: [], maxLimit: 20 }

type Bucket = BucketUnderTest['bucket']
type Add = (second: number, status?: Status) => void

/** A bucket with a request every ten seconds, one in seven of them queued, after its first listing. */
async function listed(manners: Partial<Manners>, count: number) {
  const under = await BucketUnderTest.start({ ...pages, ...manners })
  const cids = new Cids(1)
  const add: Add = (second, status = 'pinned') => {
    under.bucket.add({ cid: cids.next(), created: start + second * 1000, status })
  }
  for (let n = 0; n < count; n++) add(n * 10, n % 7 === 3 ? 'queued' : 'pinned')
  await under.list()
  return { under, add }
}

const remove = (bucket: Bucket, place: number) => bucket.remove(bucket.rows().at(place)?.requestid ?? '')
const settle = (bucket: Bucket, place: number) =>
  bucket.setStatus(bucket.rows().at(place)?.requestid ?? '', 'pinned')

const changes = {
  nothing: () => {},
  'one has gone': (bucket) => remove(bucket, 25),
  'the newest has gone': (bucket) => remove(bucket, -1),
  'one is new': (_, add) => add(100_000),
  'thirty are new': (_, add) => {
    for (let n = 0; n < 30; n++) add(100_000 + n)
  },
  'one came in late': (_, add) => add(255),
  'two have settled': (bucket) => {
    for (const place of [3, 17]) settle(bucket, place)
  },
  'one made up for another': (bucket, add) => {
    remove(bucket, 25)
    add(100_000)
  },
} satisfies Record<string, (bucket: Bucket, add: Add) => void>

test.each<[string, Partial<Manners>, number, keyof typeof changes, string]>([
  [
    'a few pages',
    {},
    60,
    'nothing',
    'all 1000 420.5.. | all 1 ..420.5 | unsettled 1000 .. | all 1000 420.5..',
  ],
  [
    'a few pages',
    {},
    60,
    'one has gone',
    'all 1000 420.5.. | all 1 ..420.5 | all 1000 ..190.5 | all 1000 190.5..390.5 | all 1000 420.5.. | all 1 ..420.5 | unsettled 1000 .. | all 1000 420.5..',
  ],
  [
    'a few pages',
    {},
    60,
    'the newest has gone',
    'all 1000 420.5.. | all 1 ..420.5 | unsettled 1000 .. | all 1000 410.5..',
  ],
  [
    'a few pages',
    {},
    60,
    'one is new',
    'all 1000 420.5.. | all 1 ..420.5 | unsettled 1000 .. | all 1000 430.5..',
  ],
  [
    'a few pages',
    {},
    60,
    'thirty are new',
    'all 1000 420.5.. | all 1000 589.5.. | all 1000 589.5..100010.5 | all 1000 100012.5.. | all 1 ..100012.5 | unsettled 1000 .. | all 1000 100012.5..',
  ],
  [
    'a few pages',
    {},
    60,
    'one came in late',
    'all 1000 420.5.. | all 1 ..420.5 | all 1000 ..190.5 | all 1000 190.5..390.5 | all 1000 190.5..390.5 | all 1000 190.5..210.5 | all 1000 420.5.. | all 1 ..420.5 | unsettled 1000 .. | all 1000 420.5..',
  ],
  [
    'a few pages',
    {},
    60,
    'two have settled',
    'all 1000 420.5.. | all 1 ..420.5 | unsettled 1000 .. | all 1000 of 2 .. | all 1000 420.5..',
  ],
  [
    'a few pages',
    {},
    60,
    'one made up for another',
    'all 1000 420.5.. | all 1 ..420.5 | all 1000 ..190.5 | all 1000 190.5..390.5 | all 1000 590.5.. | all 1 ..590.5 | unsettled 1000 .. | all 1000 430.5..',
  ],
  [
    'a service that cuts bounds',
    { fractions: 'truncated' },
    60,
    'nothing',
    'all 1000 421.. | all 1 ..422 | unsettled 1000 .. | all 1000 421..',
  ],
  [
    'a service that cuts bounds',
    { fractions: 'truncated' },
    60,
    'one has gone',
    'all 1000 421.. | all 1 ..422 | all 1000 ..171 | all 1000 171..351 | all 1000 421.. | all 1 ..422 | unsettled 1000 .. | all 1000 421..',
  ],
  [
    'a service that cuts bounds',
    { fractions: 'truncated' },
    60,
    'thirty are new',
    'all 1000 421.. | all 1000 589.. | all 1000 589..100011 | all 1000 591.. | all 1 ..592 | unsettled 1000 .. | all 1000 591..',
  ],
  [
    'a service that cuts bounds',
    { fractions: 'truncated' },
    60,
    'one came in late',
    'all 1000 421.. | all 1 ..422 | all 1000 ..171 | all 1000 171..351 | all 1000 421.. | all 1 ..422 | unsettled 1000 .. | all 1000 421..',
  ],
  [
    'a service that answers oldest first',
    { order: 'oldest-first' },
    60,
    'thirty are new',
    'all 1000 420.5.. | all 1000 589.5.. | all 1000 100017.5.. | all 1000 100012.5.. | all 1 ..100012.5 | unsettled 1000 .. | all 1000 100012.5..',
  ],
  [
    'a service that answers oldest first',
    { order: 'oldest-first' },
    60,
    'one came in late',
    'all 1000 420.5.. | all 1 ..420.5 | all 1000 ..190.5 | all 1000 190.5..390.5 | all 1000 190.5..390.5 | all 1000 379.5..390.5 | all 1000 420.5.. | all 1 ..420.5 | unsettled 1000 .. | all 1000 420.5..',
  ],
  [
    'many pages',
    { maxLimit: 10 },
    200,
    'nothing',
    'all 1000 1910.5.. | all 1 ..1910.5 | unsettled 1000 .. | unsettled 1000 ..1360.5 | unsettled 1000 ..730.5 | unsettled 1000 ..100.5 | all 1000 1910.5..',
  ],
  [
    'many pages',
    { maxLimit: 10 },
    200,
    'one has gone',
    'all 1000 1910.5.. | all 1 ..1910.5 | all 1 ..390.5 | all 1 390.5..790.5 | all 1 790.5..1190.5 | all 1 1190.5..1590.5 | all 1000 ..90.5 | all 1000 90.5..190.5 | all 1000 190.5..290.5 | all 1000 1910.5.. | all 1 ..1910.5 | unsettled 1000 .. | unsettled 1000 ..1360.5 | unsettled 1000 ..730.5 | unsettled 1000 ..100.5 | all 1000 1910.5..',
  ],
  [
    'many pages',
    { maxLimit: 10 },
    200,
    'the newest has gone',
    'all 1000 1910.5.. | all 1 ..1910.5 | unsettled 1000 .. | unsettled 1000 ..1290.5 | unsettled 1000 ..660.5 | all 1000 1900.5..',
  ],
  [
    'many pages',
    { maxLimit: 10 },
    200,
    'thirty are new',
    'all 1000 1910.5.. | all 1000 1989.5.. | all 1000 1989.5..100020.5 | all 1000 1989.5..100011.5 | all 1000 1989.5..100002.5 | all 1000 100021.5.. | all 1 ..100021.5 | unsettled 1000 .. | unsettled 1000 ..1360.5 | unsettled 1000 ..730.5 | unsettled 1000 ..100.5 | all 1000 100021.5..',
  ],
  [
    'many pages',
    { maxLimit: 10 },
    200,
    'one came in late',
    'all 1000 1910.5.. | all 1 ..1910.5 | all 1 ..390.5 | all 1 390.5..790.5 | all 1 790.5..1190.5 | all 1 1190.5..1590.5 | all 1000 ..90.5 | all 1000 90.5..190.5 | all 1000 190.5..290.5 | all 1000 190.5..290.5 | all 1000 190.5..210.5 | all 1000 1910.5.. | all 1 ..1910.5 | unsettled 1000 .. | unsettled 1000 ..1360.5 | unsettled 1000 ..730.5 | unsettled 1000 ..100.5 | all 1000 1910.5..',
  ],
  [
    'many pages',
    { maxLimit: 10 },
    200,
    'two have settled',
    'all 1000 1910.5.. | all 1 ..1910.5 | unsettled 1000 .. | unsettled 1000 ..1360.5 | unsettled 1000 ..730.5 | all 1000 of 2 .. | all 1000 1910.5..',
  ],
  [
    'each status alone',
    { severalStatuses: 'first' },
    30,
    'nothing',
    'queued 1000 120.5.. | pinning 1000 120.5.. | pinned 1000 120.5.. | failed 1000 120.5.. | queued 1 .. | pinning 1 .. | pinned 1 .. | failed 1 .. | queued 1000 .. | pinning 1000 .. | failed 1000 .. | queued 1000 120.5.. | pinning 1000 120.5.. | pinned 1000 120.5.. | failed 1000 120.5.. | queued 1 ..120.5 | pinning 1 ..120.5 | pinned 1 ..120.5 | failed 1 ..120.5',
  ],
  [
    'each status alone',
    { severalStatuses: 'first' },
    30,
    'one has gone',
    'queued 1000 120.5.. | pinning 1000 120.5.. | pinned 1000 120.5.. | failed 1000 120.5.. | queued 1 .. | pinning 1 .. | pinned 1 .. | failed 1 .. | queued 1000 .. | pinning 1000 .. | failed 1000 .. | queued 1000 110.5.. | pinning 1000 110.5.. | pinned 1000 110.5.. | failed 1000 110.5.. | queued 1 ..120.5 | pinning 1 ..120.5 | pinned 1 ..120.5 | failed 1 ..120.5',
  ],
  [
    'each status alone',
    { severalStatuses: 'first' },
    30,
    'thirty are new',
    'queued 1000 120.5.. | pinning 1000 120.5.. | pinned 1000 120.5.. | failed 1000 120.5.. | queued 1000 289.5.. | pinning 1000 289.5.. | pinned 1000 289.5.. | failed 1000 289.5.. | queued 1000 289.5..100010.5 | pinning 1000 289.5..100010.5 | pinned 1000 289.5..100010.5 | failed 1000 289.5..100010.5 | queued 1000 100012.5.. | pinning 1000 100012.5.. | pinned 1000 100012.5.. | failed 1000 100012.5.. | queued 1 .. | pinning 1 .. | pinned 1 .. | failed 1 .. | queued 1000 .. | pinning 1000 .. | failed 1000 .. | queued 1000 100012.5.. | pinning 1000 100012.5.. | pinned 1000 100012.5.. | failed 1000 100012.5.. | queued 1 ..100012.5 | pinning 1 ..100012.5 | pinned 1 ..100012.5 | failed 1 ..100012.5',
  ],
  [
    'each status alone',
    { severalStatuses: 'first' },
    30,
    'two have settled',
    'queued 1000 120.5.. | pinning 1000 120.5.. | pinned 1000 120.5.. | failed 1000 120.5.. | queued 1 .. | pinning 1 .. | pinned 1 .. | failed 1 .. | queued 1000 .. | pinning 1000 .. | failed 1000 .. | one by its requestid | queued 1000 120.5.. | pinning 1000 120.5.. | pinned 1000 120.5.. | failed 1000 120.5.. | queued 1 ..120.5 | pinning 1 ..120.5 | pinned 1 ..120.5 | failed 1 ..120.5',
  ],
  [
    'counts of every status',
    { severalStatuses: 'first', count: 'any-status' },
    30,
    'nothing',
    'queued 1000 120.5.. | queued 1 120.5..169 | queued 1 241.. | pinning 1000 120.5.. | pinned 1000 120.5.. | pinned 1 120.5..129 | pinned 1 291.. | failed 1000 120.5.. | queued 1 .. | pinning 1 .. | pinned 1 .. | failed 1 .. | queued 1000 .. | pinning 1000 .. | failed 1000 .. | queued 1000 120.5.. | pinning 1000 120.5.. | pinned 1000 120.5.. | pinned 1 120.5..129 | pinned 1 291.. | failed 1000 120.5.. | queued 1 ..120.5 | pinning 1 ..120.5 | pinned 1 ..120.5 | failed 1 ..120.5',
  ],
  [
    'counts of every status',
    { severalStatuses: 'first', count: 'any-status' },
    30,
    'one is new',
    'queued 1000 120.5.. | queued 1 120.5..169 | queued 1 241.. | pinning 1000 120.5.. | pinned 1000 120.5.. | pinned 1 120.5..129 | pinned 1 100001.. | failed 1000 120.5.. | queued 1 .. | pinning 1 .. | pinned 1 .. | failed 1 .. | queued 1000 .. | pinning 1000 .. | failed 1000 .. | queued 1000 130.5.. | pinning 1000 130.5.. | pinned 1000 130.5.. | failed 1000 130.5.. | queued 1 ..120.5 | pinning 1 ..120.5 | pinned 1 ..120.5 | failed 1 ..120.5',
  ],
  [
    'counts of every status',
    { severalStatuses: 'first', count: 'any-status' },
    30,
    'two have settled',
    'queued 1000 120.5.. | pinning 1000 120.5.. | pinned 1000 120.5.. | pinned 1 120.5..129 | pinned 1 291.. | failed 1000 120.5.. | queued 1 .. | pinning 1 .. | pinned 1 .. | failed 1 .. | queued 1000 .. | pinning 1000 .. | failed 1000 .. | one by its requestid | queued 1000 120.5.. | pinning 1000 120.5.. | pinned 1000 120.5.. | pinned 1 120.5..129 | pinned 1 291.. | failed 1000 120.5.. | queued 1 ..120.5 | pinning 1 ..120.5 | pinned 1 ..120.5 | failed 1 ..120.5',
  ],
  ['one page', { maxLimit: 1000 }, 30, 'nothing', 'all 1000 ..'],
  ['one page', { maxLimit: 1000 }, 30, 'one has gone', 'all 1000 ..'],
  ['one page', { maxLimit: 1000 }, 30, 'one is new', 'all 1000 .. | all 1 .. | all 1 ..-1 | all 1 100001..'],
  ['one page', { maxLimit: 1000 }, 30, 'two have settled', 'all 1000 ..'],
])(
  'a listing asks no more than it must: %s (%j, %i requests), %s',
  async (_, manners, count, change, expected) => {
    const { under, add } = await listed(manners, count)
    await using __ = under
    changes[change](under.bucket, add)
    const from = under.service.requests.length
    expect(await under.list()).toMatchObject({ complete: true })
    // Some are asked at once.
    expect(
      under.service.requests
        .slice(from)
        .map((request) => askedFor(request, start))
        .sort(),
    ).toEqual(expected.split(' | ').sort())
    expect(under.snapshot()).toEqual(under.truth())
  },
)
