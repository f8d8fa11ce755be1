import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { RunTime } from '../../src/run-time.ts'

const never = new AbortController().signal
const day = 24 * 60 * 60_000
beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a run is over when its time has passed', async () => {
  using time = new RunTime(never, 5000)
  await vi.advanceTimersByTimeAsync(4999)
  expect(time).toMatchObject({ isOver: false, wasCancelled: false, left: 1 })
  await vi.advanceTimersByTimeAsync(1)
  expect(time).toMatchObject({ isOver: true, wasCancelled: false, left: 0 })
  expect(time.inTime.reason).toMatchObject({ name: 'TimeoutError' })
})

test('a run that is cancelled is over at once', () => {
  const cancel = new AbortController()
  using time = new RunTime(cancel.signal, 5000)
  cancel.abort()
  expect(time).toMatchObject({ isOver: true, wasCancelled: true, left: 0 })
})

test('what is only told may be found out for a second after a cancel', async () => {
  const cancel = new AbortController()
  using time = new RunTime(cancel.signal, 5000)
  const look = time.lastLook()
  await vi.advanceTimersByTimeAsync(4000)
  cancel.abort()
  await vi.advanceTimersByTimeAsync(999)
  expect(look.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(look.reason).toBe(cancel.signal.reason)
})

test('what is found out after that has a second of its own', async () => {
  const cancel = new AbortController()
  using time = new RunTime(cancel.signal, 5000)
  cancel.abort()
  await vi.advanceTimersByTimeAsync(10_000)
  const look = time.lastLook()
  await vi.advanceTimersByTimeAsync(999)
  expect(look.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(look.reason).toBe(cancel.signal.reason)
})

test('a run that is over, and not cancelled, has all the time to tell', async () => {
  using time = new RunTime(never, 5000)
  const look = time.lastLook()
  await vi.advanceTimersByTimeAsync(100_000)
  expect(look.aborted).toBe(false)
})

test.each([24, 25, 49.8, 400])(
  '%d days pass before it is over, though no timer counts more than 24.8',
  async (days) => {
    using time = new RunTime(never, days * day)
    await vi.advanceTimersByTimeAsync(days * day - 1)
    expect(time.isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(time.isOver).toBe(true)
  },
)

test.each([0, -1, -5000])('a limit of %d ms is over from the start', (limit) => {
  using time = new RunTime(never, limit)
  expect(time).toMatchObject({ isOver: true, left: 0 })
})

test.each(['2020-01-01', '2050-01-01'])('a wall clock that is set to %s changes nothing', async (date) => {
  using time = new RunTime(never, 5000)
  await vi.advanceTimersByTimeAsync(1000)
  vi.setSystemTime(date)
  expect(time).toMatchObject({ isOver: false, left: 4000 })
  await vi.advanceTimersByTimeAsync(4000)
  expect(time.isOver).toBe(true)
})

describe('a sleep', () => {
  test('lasts as long as it is to', async () => {
    using time = new RunTime(never, 5000)
    const slept = vi.fn()
    void time.sleep(1000.4).then(slept)
    await vi.advanceTimersByTimeAsync(1000)
    expect(slept).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(slept).toHaveBeenCalledOnce()
  })

  test('that is negative is none', async () => {
    using time = new RunTime(never, 5000)
    const slept = vi.fn()
    void time.sleep(-1000).then(slept)
    await vi.advanceTimersByTimeAsync(1)
    expect(slept).toHaveBeenCalledOnce()
  })

  test('ends with the run’s time, in its reason, and leaves no timer', async () => {
    using time = new RunTime(never, 5000)
    const failed = expect(time.sleep(60_000)).rejects.toSatisfy((error) => time.isCutShort(error))
    await vi.advanceTimersByTimeAsync(5000)
    await failed
    expect(vi.getTimerCount()).toBe(0)
    await expect(time.sleep(0)).rejects.toBe(time.inTime.reason)
  })

  test('ends when the run is cancelled', async () => {
    const cancel = new AbortController()
    using time = new RunTime(cancel.signal, 5000)
    const failed = expect(time.sleep(1000)).rejects.toBe('enough')
    cancel.abort('enough')
    await failed
  })
})
