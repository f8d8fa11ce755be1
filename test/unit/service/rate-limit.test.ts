import { afterEach, beforeEach, expect, test, vi } from 'vitest'
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

/** Refuses once, without saying for how long, and waits until the next request may pass. */
async function refused(limit: RateLimit): Promise<boolean> {
  const isHeld = limit.hold(undefined)
  await vi.runAllTimersAsync()
  return isHeld
}

test('a hold is for all, and as long as the service says', async () => {
  using limit = new RateLimit(1000)
  expect(limit.hold(7000)).toBe(true)
  expect(limit.hold(3000)).toBe(true)
  expect(await waited(limit)).toBe(7000)
})

test.each([undefined, 0])('where it says %s, holds grow until a request is answered', async (said) => {
  using limit = new RateLimit(1000)
  const holds: number[] = []
  for (let n = 0; n < 5; n++) {
    limit.hold(said)
    const began = Date.now()
    await vi.runAllTimersAsync()
    holds.push(Date.now() - began)
  }
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
  while (await refused(limit)) expect(Date.now() - began).toBeLessThan(11 * 60_000)
  expect(Date.now() - began).toBeGreaterThanOrEqual(10 * 60_000)
})
