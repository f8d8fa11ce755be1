import type * as Core from '@actions/core'
import { proxyFor } from './config/proxies.ts'
import { readConfig } from './config.ts'
import { InputError, SnapshotError } from './errors.ts'
import { Http } from './http.ts'
import type { Log } from './log.ts'
import { notYet } from './not-yet.ts'
import { logLine } from './report/escape.ts'
import { RunRecord } from './report/run-record.ts'
import { run } from './run.ts'
import { openSnapshot } from './snapshot/open.ts'
import { placeOf } from './snapshot/place.ts'
import { type CacheApi, restoreSnapshot } from './snapshot/restore.ts'
import { tell } from './tell.ts'

interface Runner {
  readonly env: NodeJS.ProcessEnv
  readonly core: typeof Core
  readonly cache: CacheApi
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
}

/** A cache that has not answered by then, in ms, is done without. */
const cachePatience = 5 * 60_000

/** The main step: reads the inputs, runs on the snapshot, and tells the runner, whatever happened, what it came to. */
export async function runAction(runner: Runner): Promise<void> {
  const { env, core, cache, signal } = runner
  const record = new RunRecord()
  const http = new Http('ipfs-pin-mirror', { proxyFor })
  const log = logTo(core)
  let whom: Parameters<typeof tell>[2] = { heartbeatUrl: undefined, failOn: 'error' }
  let isCacheHanging = false
  try {
    const config = readConfig(env, core.setSecret)
    whom = config
    record.direction = config.direction
    record.dryRun = config.dryRun
    notYet(config)
    const place = placeOf(config)
    const warn = (message: string) => record.warn('snapshot', message)
    if (config.cache) {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(cachePatience)])
      record.restoredKey = await restoreSnapshot(place, cache, warn, inTime)
      isCacheHanging = inTime.aborted
      signal.throwIfAborted()
    }
    using snapshot = openSnapshot(place.path, place.mirror, warn)
    if (config.cache) {
      core.saveState('snapshot', JSON.stringify(place))
      core.saveState('restored', record.restoredKey)
    }
    await run(config, { http, log, snapshot, signal }, record)
  } catch (error) {
    if (error instanceof InputError) {
      whom = { ...whom, heartbeatUrl: error.heartbeatUrl }
      for (const problem of error.problems) record.errors.push({ where: 'input', message: problem })
    } else if (signal.aborted) record.cancelled = true
    else record.fail(error instanceof SnapshotError ? 'snapshot' : 'run', error)
  }
  await tell({ env, core, http, signal }, record, whom)
  await http.close()
  // A restore that hangs takes no signal, and its socket would hold the job. The exit code is set by now.
  if (isCacheHanging) process.exit()
}

function logTo(core: typeof Core): Log {
  return {
    info: (line) => core.info(logLine(line)),
    group: (title, work) => core.group(logLine(title), work),
  }
}
