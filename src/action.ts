import { appendFile } from 'node:fs/promises'
import type * as Core from '@actions/core'
import { readGitHubContext } from './config/github.ts'
import { type Config, readConfig } from './config.ts'
import { InputError, SnapshotError } from './errors.ts'
import { Http } from './http.ts'
import type { Log } from './log.ts'
import { notYet } from './not-yet.ts'
import { heartbeatOf, jobFails } from './report/conclusion.ts'
import { logLine } from './report/escape.ts'
import { headline } from './report/headline.ts'
import { beat } from './report/heartbeat.ts'
import { writeReport } from './report/json-report.ts'
import { outputsOf } from './report/outputs.ts'
import { RunRecord } from './report/run-record.ts'
import { renderSummary } from './report/summary.ts'
import { run } from './run.ts'
import { openSnapshot } from './snapshot/open.ts'
import { placeOf } from './snapshot/place.ts'
import { type CacheApi, restoreSnapshot } from './snapshot/restore.ts'

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
  const http = new Http('ipfs-pin-mirror')
  const log = logTo(core)
  let config: Config | undefined
  try {
    config = readConfig(env, core.setSecret)
    record.direction = config.direction
    record.dryRun = config.dryRun
    notYet(config)
    const place = placeOf(config)
    const warn = (message: string) => record.warn('snapshot', message)
    if (config.cache) {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(cachePatience)])
      record.restoredKey = await restoreSnapshot(place, cache, warn, inTime)
      signal.throwIfAborted()
    }
    using snapshot = openSnapshot(place.path, place.mirror, warn)
    if (config.cache) {
      core.saveState('snapshot', JSON.stringify(place))
      core.saveState('restored', record.restoredKey)
    }
    await run(config, { http, log, snapshot, signal }, record)
  } catch (error) {
    if (error instanceof InputError)
      for (const problem of error.problems) record.errors.push({ where: 'input', message: problem })
    else if (signal.aborted) record.cancelled = true
    else record.fail(error instanceof SnapshotError ? 'snapshot' : 'run', error)
  }
  await tell(runner, record, config, http)
  await http.close()
}

/** Report, summary, outputs, log and heartbeat, in the order in which they matter most. */
async function tell(
  { env, core, signal }: Runner,
  record: RunRecord,
  config: Config | undefined,
  http: Http,
): Promise<void> {
  const { reportPath, repository, serverUrl } = readGitHubContext(env)
  if (config?.heartbeatUrl !== undefined) await tellMonitor(config.heartbeatUrl, record, http, signal)
  const report = record.report()
  await writeReport(reportPath, report)
  const { issueNumber, listed, restoredKey } = record
  const outputs = outputsOf(report, { listed, issueNumber, reportPath, cacheKey: restoredKey })
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value)
  const issueUrl = issueNumber === null ? null : `${serverUrl}/${repository}/issues/${issueNumber}`
  if (env['GITHUB_STEP_SUMMARY'])
    await appendFile(env['GITHUB_STEP_SUMMARY'], renderSummary(report, { issueUrl }))
  for (const { where, message } of report.warnings) core.warning(logLine(`${where}: ${message}`))
  for (const { where, message } of report.errors) core.error(logLine(`${where}: ${message}`))
  if (jobFails(report.conclusion, config?.failOn ?? 'error')) core.setFailed(logLine(headline(report)))
  else core.info(logLine(headline(report)))
}

/** A run that is cancelled while the monitor lets it wait ends as cancelled, and still tells everybody else. */
async function tellMonitor(url: URL, record: RunRecord, http: Http, signal: AbortSignal): Promise<void> {
  const outcome = heartbeatOf(record.conclusion, record.dryRun)
  if (outcome === 'none') return
  try {
    const warning = await beat(http, url, outcome, signal)
    if (warning !== null) record.warn('heartbeat', warning)
  } catch (error) {
    if (!signal.aborted) throw error
    record.cancelled = true
  }
}

function logTo(core: typeof Core): Log {
  return {
    info: (line) => core.info(logLine(line)),
    group: (title, work) => core.group(logLine(title), work),
  }
}
