import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { inStep } from '../../../src/service/in-step.ts'
import { RateLimit } from '../../../src/service/rate-limit.ts'

const never = new AbortController().signal
beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** How long it takes until a request passes, in ms. */
async function waited(limit: RateLimit): Promise<number> {
  const asked = Date.now()
  const passed = limit.pass(async () => Date.now(), never)
  await vi.runAllTimersAsync()
  return (await passed) - asked
}

/**
 * The service refuses, and the next request too.
 * @returns how long that one waited, ms; `false` where it is no use to wait
 */
async function refused(limit: RateLimit, said?: number): Promise<number | false> {
  const began = Date.now()
  if (limit.hold(said) === undefined) return false
  const next = limit.pass(() => Promise.reject(new Error('refused')), never).catch(() => Date.now())
  await vi.runAllTimersAsync()
  return (await next) - began
}

test('a hold is for all, and as long as the service says', async () => {
  using limit = new RateLimit(1000)
  expect(limit.hold(7000)).toBe(7000)
  expect(limit.hold(3000)).toBe(7000)
  expect(await waited(limit)).toBe(7000)
})

test.each([undefined, 0])('where it says %s, holds grow until a request is answered', async (said) => {
  using limit = new RateLimit(1000)
  const holds: (number | false)[] = []
  for (let n = 0; n < 5; n++) holds.push(await refused(limit, said))
  for (const [index, hold] of holds.entries()) {
    expect(hold).toBeGreaterThanOrEqual(250 * 2 ** index)
    expect(hold).toBeLessThanOrEqual(500 * 2 ** index)
  }
  await waited(limit)
  limit.hold(said)
  expect(await waited(limit)).toBeLessThanOrEqual(500)
})

test('the refusals of one burst count once', async () => {
  using limit = new RateLimit(1000)
  for (let n = 0; n < 16; n++) limit.hold(undefined)
  expect(await waited(limit)).toBeLessThanOrEqual(500)
})

test('ten minutes of nothing else are enough', async () => {
  using limit = new RateLimit(1000)
  const began = Date.now()
  while ((await refused(limit)) !== false) expect(Date.now() - began).toBeLessThan(11 * 60_000)
  expect(Date.now() - began).toBeGreaterThanOrEqual(10 * 60_000)
})

describe('a service that takes its time', () => {
  /** Asks so many times, as many at once as the gate says. @returns when each was sent, ms, and how long all took */
  async function asked(limit: RateLimit, count: number, latencyMs: number) {
    const began = Date.now()
    const sent: number[] = []
    let mostAtOnce = 0
    let atOnce = 0
    const ask = async () => {
      sent.push(Date.now() - began)
      mostAtOnce = Math.max(mostAtOnce, ++atOnce)
      await new Promise((resolve) => setTimeout(resolve, latencyMs))
      atOnce--
    }
    const all = inStep(
      Array(count),
      () => limit.width,
      () => limit.pass(ask, never),
    )
    await vi.runAllTimersAsync()
    await all
    return { sent, mostAtOnce, took: Date.now() - began }
  }

  test.each([
    [50, 40],
    [50, 400],
    [50, 2000],
    [50, 5000],
    [90, 400],
    [200, 1000],
  ])('does not hold back the rate: %d a second at %d ms', async (perSecond, latencyMs) => {
    using limit = new RateLimit(perSecond)
    // It finds out what the latency is.
    await asked(limit, 300, latencyMs)
    const { took } = await asked(limit, 10 * perSecond, latencyMs)
    expect(took).toBeLessThanOrEqual(1.02 * (10_000 + latencyMs))
  })

  test('has as many in flight as the rate brings on their way', async () => {
    using limit = new RateLimit(50)
    await asked(limit, 100, 400)
    const { mostAtOnce } = await asked(limit, 500, 400)
    expect(mostAtOnce).toBeLessThanOrEqual(25)
    expect(mostAtOnce).toBeGreaterThanOrEqual(20)
  })

  test('has never more than 256', async () => {
    using limit = new RateLimit(1000)
    await asked(limit, 300, 2000)
    const { mostAtOnce } = await asked(limit, 2000, 2000)
    expect(mostAtOnce).toBe(256)
  })

  test('is asked evenly: 90 a second are not 90 at once', async () => {
    using limit = new RateLimit(90)
    const { sent } = await asked(limit, 450, 20)
    const mostWithin = (ms: number) =>
      Math.max(...sent.map((start) => sent.filter((at) => at >= start && at < start + ms).length))
    expect(mostWithin(1)).toBeLessThanOrEqual(5)
    expect(mostWithin(100)).toBeLessThanOrEqual(9 + 5)
    expect(mostWithin(1000)).toBeLessThanOrEqual(90 + 5)
  })
})

test.each(['2020-01-01', '2050-01-01'])('a wall clock that is set to %s changes no hold', async (date) => {
  using limit = new RateLimit(50)
  limit.hold(7000)
  const asked = performance.now()
  const passed = limit.pass(async () => performance.now(), never)
  await vi.advanceTimersByTimeAsync(1000)
  vi.setSystemTime(date)
  await vi.runAllTimersAsync()
  expect((await passed) - asked).toBe(7000)
})

test('one that need not be sent any more fails at once, though the service is to be left alone', async () => {
  using limit = new RateLimit(50)
  limit.hold(300_000)
  const over = new AbortController()
  const ask = vi.fn(async () => 1)
  const waiting = [limit.pass(ask, over.signal), limit.pass(ask, over.signal)]
  const last = limit.pass(async () => performance.now(), never)
  await vi.advanceTimersByTimeAsync(1000)
  over.abort('over')
  expect(await Promise.allSettled(waiting)).toEqual(Array(2).fill({ status: 'rejected', reason: 'over' }))
  await vi.runAllTimersAsync()
  expect(await last).toBeGreaterThan(299_000)
  expect(ask).not.toHaveBeenCalled()
})
