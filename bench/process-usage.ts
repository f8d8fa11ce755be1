import { writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** What a process took, from its start to its end. */
export interface Usage {
  /** ms since the epoch */
  readonly startedAt: number
  readonly seconds: number
  readonly cpuSeconds: number
  /** Bytes: the most that it ever held at once. */
  readonly peakMemory: number
  /** The longest time, s, in which it heard of nothing: no timer, no answer, no signal. */
  readonly longestBlock: number
}

// Imported into a process that is measured: at its end it leaves a file with the name of its script's folder.
const folder = process.env['BENCH_USAGE']
const script = process.argv[1]
const eventLoop = monitorEventLoopDelay()
if (folder !== undefined && script !== undefined) {
  eventLoop.enable()
  process.once('exit', () => writeFileSync(join(folder, basename(dirname(script))), JSON.stringify(usage())))
}

function usage(): Usage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  return {
    startedAt: performance.timeOrigin,
    seconds: performance.now() / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMemory: maxRSS * 1024,
    longestBlock: eventLoop.max / 1e9,
  }
}
