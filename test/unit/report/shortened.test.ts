import { expect, test } from 'vitest'
import type { FailedRequest } from '../../../src/report/report.ts'
import { shortened } from '../../../src/report/shortened.ts'
import { bucket, failure, report } from './samples.ts'

const many = Array.from({ length: 10_001 }, (_, index) => failure(index))
const { cid, name, reason, class: reasonClass } = failure(0)
const gaveUp = (index: number): FailedRequest => ({
  requestid: `r${index}`,
  cid,
  name,
  reason,
  class: reasonClass,
  created: '2026-11-20T08:13:20.000Z',
})
const direction = { missing: 10_001, ignored: 0, resting: 0, pinned: [], failed: [], pending: [] }

test('each list has 10,000 at most, and beside it how many more there are', () => {
  const { backup, update, verify, buckets } = shortened(
    report({
      buckets: [
        bucket({ failedRequests: many.map((_, index) => gaveUp(index)) }),
        bucket({ failedRequests: [gaveUp(0)] }),
      ],
      backup: { ...direction, failed: many },
      update: { ...direction, unsent: many },
      verify: {
        checked: 0,
        whole: 0,
        mended: 0,
        missing: 0,
        corrupt: 0,
        unread: 0,
        bytes: 0,
        fetched: 0,
        oldest: null,
        failed: many,
        buckets: [],
      },
    }),
  )
  expect([...(backup?.failed ?? [])]).toEqual(many.slice(0, 10_000))
  expect(backup?.unlisted).toEqual({ pinned: 0, failed: 1, pending: 0 })
  expect([...(update?.unsent ?? [])]).toHaveLength(10_000)
  expect(update?.unlisted).toEqual({ pinned: 0, failed: 0, pending: 0, unsent: 1 })
  expect([...(verify?.failed ?? [])]).toHaveLength(10_000)
  expect(verify?.unlisted).toEqual({ failed: 1 })
  expect(buckets.map(({ failedRequests }) => [...failedRequests].length)).toEqual([10_000, 1])
  expect(buckets.map(({ unlisted }) => unlisted)).toEqual([{ failedRequests: 1 }, undefined])
})

test('what is short stays as it is', () => {
  const own = report({ backup: { ...direction, failed: many.slice(0, 10_000) } })
  expect(shortened(own)).toEqual(own)
})
