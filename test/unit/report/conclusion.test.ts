import { describe, expect, test } from 'vitest'
import { conclusionOf, heartbeatOf, jobFails } from '../../../src/report/conclusion.ts'
import type { Conclusion } from '../../../src/report/report.ts'
import { outputsOf } from '../../../src/tell/outputs.ts'
import { busyReport, report } from './samples.ts'

test.each<[Parameters<typeof conclusionOf>[0], Conclusion]>([
  [{ error: true, cancelled: true, outOfTime: true, failedPins: true }, 'error'],
  [{ error: false, cancelled: true, outOfTime: true, failedPins: true }, 'cancelled'],
  [{ error: false, cancelled: false, outOfTime: true, failedPins: true }, 'out-of-time'],
  [{ error: false, cancelled: false, outOfTime: false, failedPins: true }, 'failed-pins'],
  [{ error: false, cancelled: false, outOfTime: false, failedPins: false }, 'ok'],
])('%j ends as %s', (facts, conclusion) => {
  expect(conclusionOf(facts)).toBe(conclusion)
})

test.each<[Conclusion, boolean, boolean, 'good' | 'fail' | 'none']>([
  // conclusion, fails, fails with fail-on: failed-pins, heartbeat
  ['error', true, true, 'fail'],
  ['cancelled', true, true, 'none'],
  ['out-of-time', false, false, 'good'],
  ['failed-pins', false, true, 'good'],
  ['ok', false, false, 'good'],
])(
  '%s: job fails %s, with fail-on: failed-pins %s, heartbeat %s',
  (conclusion, fails, failsOnPins, heartbeat) => {
    expect(jobFails(conclusion, 'error')).toBe(fails)
    expect(jobFails(conclusion, 'failed-pins')).toBe(failsOnPins)
    expect(heartbeatOf(conclusion, false)).toBe(heartbeat)
    expect(heartbeatOf(conclusion, true)).toBe('none')
  },
)

describe('outputs', () => {
  test('count both directions together', () => {
    const outputs = outputsOf(busyReport(), {
      listed: 24_000,
      issueNumber: 3,
      reportPath: '/tmp/r.json',
      cacheKey: 'k-1',
    })
    expect(outputs).toEqual({
      conclusion: 'failed-pins',
      listed: '24000',
      'node-pins': '12400',
      missing: '324',
      pinned: '314',
      pending: '2',
      failed: '3',
      'unknown-delegates': '1',
      'issue-number': '3',
      manifest: '',
      report: '/tmp/r.json',
      'cache-key': 'k-1',
    })
  })

  test('what is not known is empty, not 0', () => {
    const nothing = report({ conclusion: 'error', node: null, buckets: [], backup: null })
    const outputs = outputsOf(nothing, {
      listed: null,
      issueNumber: null,
      reportPath: 'r',
      cacheKey: undefined,
    })
    for (const name of [
      'listed',
      'node-pins',
      'missing',
      'pinned',
      'pending',
      'failed',
      'issue-number',
      'cache-key',
    ])
      expect(outputs[name]).toBe('')
  })
})
