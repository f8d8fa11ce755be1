import { afterEach, expect, test, vi } from 'vitest'
import { Restarts } from '../../../../src/backup/one-by-one/restarts.ts'

afterEach(() => vi.useRealTimers())

test('what was started after the last new peer came is left alone, however late the others are started anew', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const began = performance.now()
  const cameBy: number[] = []
  using restarts = new Restarts((came) => cameBy.push(came - began))
  restarts.newPeer(began)
  vi.advanceTimersByTime(1_000)
  restarts.newPeer(began + 900)
  vi.advanceTimersByTime(1_000)
  restarts.newPeer(began + 1_900)
  vi.advanceTimersByTime(10_000)
  expect(cameBy).toEqual([0, 1_900])
})
