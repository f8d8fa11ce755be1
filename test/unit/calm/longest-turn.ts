import { type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'

/** How long one turn of the event loop took at most, in ms: what happens between two of them hears no timer, answer or signal. */
export interface LongestTurn {
  /** Of this thread's CPU: how busy the machine is does not count. */
  readonly cpu: number
  /**
   * The same without what the garbage collector took: it goes through the whole heap, of which a sandbox in the same
   * process has most.
   */
  readonly own: number
  /** By the clock. */
  readonly elapsed: number
}

/** Turns below are of no interest, ms. */
const short = 5

/** Does some work, and watches the turns that it takes. */
export async function longestTurnOf(work: () => Promise<unknown>): Promise<LongestTurn> {
  const collections: PerformanceEntry[] = []
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) collections.push(entry)
  })
  observer.observe({ entryTypes: ['gc'] })
  const cpuNow = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  const turns: { readonly from: number; readonly to: number; readonly cpu: number }[] = []
  let last = { cpu: cpuNow(), at: performance.now() }
  const look = () => {
    const now = { cpu: cpuNow(), at: performance.now() }
    if (now.at - last.at >= short) turns.push({ from: last.at, to: now.at, cpu: now.cpu - last.cpu })
    last = now
  }
  let next: NodeJS.Immediate
  const watch = () => {
    look()
    next = setImmediate(watch)
  }
  next = setImmediate(watch)
  try {
    await work()
  } finally {
    clearImmediate(next)
  }
  look()
  // The last collections are told of in a later turn.
  for (let turns = 0; turns < 3; turns++) await turn()
  observer.disconnect()
  const longest = { cpu: 0, own: 0, elapsed: 0 }
  for (const { from, to, cpu } of turns) {
    const collected = collections
      .map(({ startTime, duration }) => Math.min(to, startTime + duration) - Math.max(from, startTime))
      .reduce((sum, ms) => sum + Math.max(0, ms), 0)
    longest.cpu = Math.max(longest.cpu, cpu)
    longest.own = Math.max(longest.own, cpu - collected)
    longest.elapsed = Math.max(longest.elapsed, to - from)
  }
  return longest
}
