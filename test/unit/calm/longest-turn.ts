/** How long one turn of the event loop took at most, in ms: what happens between two of them hears no timer, answer or signal. */
export interface LongestTurn {
  /** Of this thread's CPU: how busy the machine is does not count. */
  readonly cpu: number
  /** By the clock. */
  readonly elapsed: number
}

/** Does some work, and watches the turns that it takes. */
export async function longestTurnOf(work: () => Promise<unknown>): Promise<LongestTurn> {
  const cpuNow = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  let last = { cpu: cpuNow(), elapsed: performance.now() }
  const longest = { cpu: 0, elapsed: 0 }
  const look = () => {
    const now = { cpu: cpuNow(), elapsed: performance.now() }
    longest.cpu = Math.max(longest.cpu, now.cpu - last.cpu)
    longest.elapsed = Math.max(longest.elapsed, now.elapsed - last.elapsed)
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
  return longest
}
