import fc from 'fast-check'
import { test } from 'vitest'
import { filebase } from '../../sandbox/pinning-service.ts'
import { BucketUnderTest } from './bucket-under-test.ts'
import { Checks } from './checks.ts'
import { history, type Step } from './history.ts'
import { type Service, services } from './services.ts'
import { Story, type Told } from './story.ts'

/** How many histories every run of the tests checks. */
const histories = 500

const quiet = { during: [], full: false, killedAt: undefined }

const common = {
  order: 'newest-first',
  before: 'strict',
  after: 'strict',
  fractions: 'honoured',
  created: 'new-york-seconds',
  maxLimit: 20,
  count: 'all',
  requestid: 'opaque',
  maxCids: 1,
  cidFilter: 'combined',
  nameless: 'cid',
} as const

/**
 * What random ones found before: what was to show how a filter is read moved meanwhile, or stood behind an odd row; an
 * error in the place of an empty list was taken for a count; an odd row that only a killed run saw made up for one that
 * was gone; an odd row was all that a service showed which read four statuses as the last of
 * them; what came at the head made up for what was gone below it, where each status is asked for alone.
 */
const found: [Service, Step[], number][] = [
  [
    { manners: { ...common, order: 'unordered', severalStatuses: 'first' }, lies: false, oddRows: undefined },
    [
      {
        before: [{ kind: 'add', count: 64, seconds: 5000 }],
        during: [{ request: 6, event: { kind: 'move', at: 0, count: 1 } }],
        full: false,
        killedAt: undefined,
      },
    ],
    2_081_672_510,
  ],
  [
    { manners: { ...common, severalStatuses: 'last' }, lies: false, oddRows: 'a status outside the four' },
    [
      {
        ...quiet,
        before: [
          { kind: 'add', count: 130, seconds: 5000 },
          { kind: 'late', age: 1 },
          { kind: 'status', at: 9444, status: 'failed' },
        ],
      },
    ],
    -424_177_394,
  ],
  [
    { manners: { ...common, severalStatuses: 'last' }, lies: false, oddRows: 'a status outside the four' },
    [
      { ...quiet, before: [{ kind: 'add', count: 0, seconds: 5000 }] },
      {
        ...quiet,
        before: [
          { kind: 'bulk', count: 1 },
          { kind: 'dense', count: 20 },
        ],
      },
    ],
    -25,
  ],
  [
    {
      manners: { ...common, created: 'utc-milliseconds', count: 'any-status', emptyList: 404 },
      lies: false,
      oddRows: undefined,
    },
    [
      {
        ...quiet,
        before: [
          { kind: 'add', count: 1, seconds: 5000 },
          { kind: 'status', at: 0, status: 'queued' },
        ],
        during: [
          { request: 1, event: { kind: 'add', count: 19, seconds: 80 } },
          { request: 1, event: { kind: 'late', age: 1 } },
        ],
      },
    ],
    0,
  ],
  [
    {
      manners: { ...common, fractions: 'truncated' },
      lies: false,
      oddRows: 'a status outside the four',
    },
    [
      { ...quiet, before: [{ kind: 'add', count: 0, seconds: 5000 }] },
      {
        before: [
          { kind: 'dense', count: 18 },
          { kind: 'bulk', count: 4 },
        ],
        during: [{ request: 6, event: { kind: 'replace', at: 1367 } }],
        full: false,
        killedAt: 6,
      },
    ],
    849_325_219,
  ],
  [
    { manners: { ...common, severalStatuses: 'one-word' }, lies: false, oddRows: undefined },
    [
      { ...quiet, before: [{ kind: 'add', count: 73, seconds: 5000 }] },
      {
        before: [{ kind: 'replace', at: 0 }],
        during: [
          { request: 1, event: { kind: 'remove', at: 102, count: 11 } },
          { request: 4, event: { kind: 'bulk', count: 10 } },
        ],
        full: false,
        killedAt: undefined,
      },
    ],
    0,
  ],
]

test(`after each listing of ${histories} histories, the snapshot agrees with the service, of whatever manner, and proves it; or says that it cannot`, async () => {
  await fc.assert(
    fc.asyncProperty(services, history, fc.integer(), async ({ manners, lies, oddRows }, steps, seed) => {
      // Without delegates, which are most of an answer.
      const service = { ...filebase, delegates: [], ...manners }
      await using under = await BucketUnderTest.start(service, seed)
      under.bucket.odd = ({ tie }) => (tie % 9 === 0 ? oddRows : undefined)
      const story = new Story(under, seed)
      const checks = new Checks(under, service)
      const isBelievable = !lies && oddRows === undefined
      const list = async (step: Parameters<Story['list']>[0]): Promise<Told> => {
        const told = await story.list(step)
        if (isBelievable) checks.check(told)
        else checks.checkUnbelievable(told)
        return told
      }
      for (const step of steps) {
        for (const event of step.before) story.happens(event)
        const { result, isDisturbed } = await list(step)
        if (result !== undefined && isDisturbed) await list(quiet)
      }
      // The last run may have been killed.
      await list(quiet)
      const last = await list(quiet)
      if (isBelievable && last.result !== undefined) checks.checkUnchanged(last)
    }),
    { numRuns: histories, examples: found },
  )
}, 600_000)
