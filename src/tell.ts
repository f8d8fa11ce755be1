import { writeFile } from 'node:fs/promises'
import type * as Core from '@actions/core'
import type { Config } from './config/config.ts'
import { readGitHubContext } from './config/github.ts'
import type { Http } from './http.ts'
import { heartbeatOf, jobFails } from './report/conclusion.ts'
import { logLine } from './report/escape.ts'
import { headline } from './report/headline.ts'
import { beat } from './report/heartbeat.ts'
import { writeReport } from './report/json-report.ts'
import { outputsOf } from './report/outputs.ts'
import type { RunError } from './report/report.ts'
import type { RunRecord } from './report/run-record.ts'
import { renderSummary } from './report/summary.ts'

/** What the run's end is told through. */
interface Ways {
  readonly env: NodeJS.ProcessEnv
  readonly core: typeof Core
  readonly http: Http
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
}

/**
 * Tells everybody what came of the run; never throws. The log comes first, as it needs no disk, then the files, then
 * the monitor, who may be slow. Where telling the monitor brings news, the files are written anew.
 */
export async function tell(
  ways: Ways,
  record: RunRecord,
  { heartbeatUrl, failOn }: Pick<Config, 'heartbeatUrl' | 'failOn'>,
): Promise<void> {
  const { core } = ways
  const said = new Set<RunError>()
  const sayNew = (problems: readonly RunError[], say: (line: string) => void) => {
    for (const problem of problems) {
      if (!said.has(problem)) say(logLine(`${problem.where}: ${problem.message}`))
      said.add(problem)
    }
  }
  const sayProblems = () => {
    sayNew(record.errors, core.error)
    sayNew(record.warnings, core.warning)
  }
  sayProblems()
  await writeFiles(ways, record)
  sayProblems()
  if (heartbeatUrl !== undefined && (await tellMonitor(ways, heartbeatUrl, record))) {
    await writeFiles(ways, record)
    sayProblems()
  }
  const report = record.report()
  if (jobFails(report.conclusion, failOn)) core.setFailed(logLine(headline(report)))
  else core.info(logLine(headline(report)))
}

/** The report, the outputs and the summary: what cannot be written is an error of the run, which the others show. */
async function writeFiles({ env, core }: Ways, record: RunRecord): Promise<void> {
  const { reportPath, repository, serverUrl } = readGitHubContext(env)
  const { issueNumber, listed, restoredKey } = record
  await write('report', record, () => writeReport(reportPath, record.report()))
  await write('outputs', record, () => {
    const outputs = outputsOf(record.report(), { listed, issueNumber, reportPath, cacheKey: restoredKey })
    for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value)
  })
  await write('summary', record, async () => {
    const path = env['GITHUB_STEP_SUMMARY']
    const issueUrl = issueNumber === null ? null : `${serverUrl}/${repository}/issues/${issueNumber}`
    if (path) await writeFile(path, renderSummary(record.report(), { issueUrl }))
  })
}

async function write(what: string, record: RunRecord, work: () => void | Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const message = `it cannot be written (${(error as Error).message}): check that the disk has room and that the runner's user may write there`
    record.errors.push({ where: what, message })
  }
}

/** @returns whether that brought news: a monitor that was not told, or a cancel while it let the run wait */
async function tellMonitor({ http, signal }: Ways, url: URL, record: RunRecord): Promise<boolean> {
  // A look at some CIDs is no sign that the mirror runs.
  const outcome = heartbeatOf(record.conclusion, record.dryRun || record.isInspection)
  if (outcome === 'none') return false
  try {
    const warning = await beat(http, url, outcome, signal)
    if (warning !== null) record.warn('heartbeat', warning)
    return warning !== null
  } catch {
    record.cancelled = true
    return true
  }
}
