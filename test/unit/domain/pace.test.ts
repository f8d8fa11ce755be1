import { describe, expect, test } from 'vitest'
import { mostInFlight, Pace, smoothed, worthInFlight } from '../../../src/domain/pace.ts'

/** When so many go, ms, if each goes as soon as it may, and none before `from`. */
function departures(pace: Pace, count: number, from = 0): number[] {
  let now = from
  return Array.from({ length: count }, () => {
    now += pace.wait(now)
    pace.go(now)
    return now
  })
}

/** The most that go in any stretch of so many ms. */
function mostWithin(ms: number, instants: readonly number[]): number {
  return Math.max(...instants.map((start) => instants.filter((at) => at >= start && at < start + ms).length))
}

const rates = [1, 2, 7, 30, 50, 90, 100, 333, 1000]

test.each([
  [1, [0, 1000, 2000, 3000]],
  [10, [0, 100, 200, 300]],
  // A tenth of a second's requests at once, then one at a time.
  [20, [0, 0, 50, 100, 150]],
  [50, [0, 0, 0, 0, 0, 20, 40, 60]],
  [100, [0, 0, 0, 0, 0, 10, 20, 30]],
  [1000, [0, 0, 0, 0, 0, 1, 2, 3]],
])('at %d a second they go at %j', (perSecond, expected) => {
  const gone = departures(new Pace(perSecond), expected.length)
  for (const [index, at] of expected.entries()) expect(gone[index]).toBeCloseTo(at, 6)
})

test.each(rates)(
  'at %d a second no more than 5 go at once, nor 5 more than the rate in any second',
  (perSecond) => {
    const gone = departures(new Pace(perSecond), 3 * perSecond + 5)
    expect(mostWithin(1e-6, gone)).toBeLessThanOrEqual(5)
    expect(mostWithin(1000 - 1e-6, gone)).toBeLessThanOrEqual(perSecond + 4)
  },
)

test.each(rates)('at %d a second it is the rate that they go at', (perSecond) => {
  const gone = departures(new Pace(perSecond), 10 * perSecond + 1)
  expect(gone.at(-1)).toBeLessThanOrEqual(10_000 + 1e-6)
  expect(gone.at(-1)).toBeGreaterThan(10_000 - 1000 - 5000 / perSecond)
})

test('one that comes late is made up for by the next', () => {
  const pace = new Pace(50)
  departures(pace, 5)
  pace.go(95)
  expect(departures(pace, 4, 95)).toEqual([95, 95, 95, 100])
})

test('a long rest is not saved up', () => {
  const pace = new Pace(50)
  departures(pace, 5)
  expect(mostWithin(1, departures(pace, 50, 60_000))).toBe(5)
})

describe('what is worth having in flight', () => {
  test.each([
    // On their way 20, and the next burst of 5.
    [50, 400, 25],
    [50, 0, 5],
    [50, 1000, 55],
    [100, 400, 45],
    [1, 100, 2],
    [1, 0, 1],
    [1000, 60_000, mostInFlight],
  ])('at %d a second and %d ms is %d', (perSecond, latencyMs, expected) => {
    expect(worthInFlight(perSecond, latencyMs)).toBe(expected)
  })
})

test('a latency is that of the last answers', () => {
  expect(smoothed(undefined, 400)).toBe(400)
  expect(smoothed(400, 1200)).toBe(500)
  let latency = 100
  for (let n = 0; n < 30; n++) latency = smoothed(latency, 900)
  expect(latency).toBeGreaterThan(880)
})
