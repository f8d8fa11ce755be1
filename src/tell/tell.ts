import { constants } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type * as Core from '@actions/core'
import { proxyFor } from '../config/proxies.ts'
import type { Ending } from '../config/types.ts'
import type { Draft } from '../draft/draft.ts'
import { Http } from '../http/http.ts'
import { heartbeatOf, jobFails } from '../report/conclusion.ts'
import type { RunError } from '../report/report.ts'
import { shortened } from '../report/shortened.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { headline } from '../summary/headline.ts'
import { renderSummary } from '../summary/summary.ts'
import { logLine } from '../text/escape.ts'
import { beat } from './heartbeat.ts'
import { outputsOf } from './outputs.ts'
import { writeReport } from './report-file.ts'
import { logTo, requestsTo } from './run-log.ts'

/** What cuts the telling short. */
interface Interruptions {
  /** Aborted when the run is cancelled. */
  readonly cancel: AbortSignal
  /** Aborted when something goes wrong that nobody caught. */
  readonly fault: AbortSignal
}

/** A FIFO in the place of a file, which nobody reads, is an error at once, and is not waited for. */
const asFile = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NONBLOCK ?? 0)

/** What the monitor may take in a run that is cancelled, in ms: the runner kills it 10 s after the cancel. */
const lastPatience = 2_000

/**
 * Tells everybody what came of the run. The log comes first, as it needs no disk, then the files, then the monitor,
 * who may be slow. Where telling the monitor brings news, the files are written anew. It may be told again, when
 * something more has come to light.
 */
export class Teller {
  readonly #core: typeof Core
  readonly #draft: Draft
  readonly #ending: Ending
  readonly #secrets: Secrets
  readonly #said = new Set<RunError>()
  #toldMonitor: 'good' | 'fail' | 'none' = 'none'

  constructor(core: typeof Core, draft: Draft, ending: Ending, secrets: Secrets) {
    this.#core = core
    this.#draft = draft
    this.#ending = ending
    this.#secrets = secrets
  }

  async tell(interruptions: Interruptions): Promise<void> {
    const core = this.#core
    await this.#sayProblems()
    await this.#writeFiles(interruptions)
    await this.#sayProblems()
    if (await this.#tellMonitor(interruptions)) {
      await this.#writeFiles(interruptions)
      await this.#sayProblems()
    }
    const report = this.#draft.report()
    if (jobFails(report.conclusion, this.#ending.failOn)) core.setFailed(logLine(headline(report)))
    else core.info(logLine(headline(report)))
  }

  /** Says in the log what has not been said there yet. */
  async #sayProblems(): Promise<void> {
    const { errors, warnings } = this.#draft
    await this.#write('log', () => {
      this.#sayNew(errors, this.#core.error)
      this.#sayNew(warnings, this.#core.warning)
    })
  }

  #sayNew(problems: readonly RunError[], say: (line: string) => void): void {
    for (const problem of problems) {
      if (!this.#said.has(problem)) say(logLine(`${problem.where}: ${problem.message}`))
      this.#said.add(problem)
    }
  }

  /** The report, the outputs and the summary: what cannot be written is an error of the run, which the others show. */
  async #writeFiles({ cancel }: Interruptions): Promise<void> {
    const draft = this.#draft
    const secrets = this.#secrets
    const { reportPath, summaryPath, repository, serverUrl } = this.#ending.github
    const { issueNumber, listed, restoredKey } = draft.filling
    if (cancel.aborted) draft.fill({ cancelled: true })
    await this.#write('report', async () => {
      if (!draft.isHurried && (await writeReport(reportPath, draft.report(), secrets, cancel))) return
      if (cancel.aborted) draft.fill({ cancelled: true })
      await writeReport(reportPath, shortened(draft.report()), secrets)
    })
    await this.#write('outputs', () => {
      const outputs = outputsOf(draft.report(), { listed, issueNumber, reportPath, cacheKey: restoredKey })
      for (const [name, value] of Object.entries(outputs)) this.#core.setOutput(name, secrets.redact(value))
    })
    await this.#write('summary', async () => {
      const issue =
        issueNumber === null
          ? null
          : {
              url: `${serverUrl}/${repository}/issues/${issueNumber}`,
              number: issueNumber,
            }
      const summary = () => secrets.redact(renderSummary(draft.report(), { issue }))
      if (summaryPath !== undefined) await writeFile(summaryPath, summary(), { flag: asFile })
    })
  }

  async #write(what: string, work: () => void | Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const message = `it cannot be written (${(error as Error).message}): check that the disk has room and that the runner's user may write there`
      const [short, todo] = [`the ${what} cannot be written`, 'Make room for the runner to write']
      const isKnown = this.#draft.errors.some((one) => one.where === what && one.message === message)
      if (!isKnown) this.#draft.note({ where: what, message, short, todo, isError: true })
    }
  }

  /** @returns whether that brought news: a monitor that was not told, or a cancel while it let the run wait */
  async #tellMonitor({ cancel, fault }: Interruptions): Promise<boolean> {
    const draft = this.#draft
    const url = this.#ending.heartbeatUrl
    // A look at some CIDs is no sign that the mirror runs.
    const outcome = heartbeatOf(draft.conclusion, draft.filling.dryRun || draft.filling.isInspection)
    if (url === undefined || outcome === 'none' || outcome === this.#toldMonitor) return false
    const inTime = cancel.aborted ? AbortSignal.timeout(lastPatience) : cancel
    const secrets = this.#secrets
    const events = requestsTo(logTo(this.#core, secrets), this.#core.isDebug())
    const http = new Http('ipfs-pin-mirror', { proxyFor, secrets, events })
    try {
      const warning = await beat(http, url, outcome, AbortSignal.any([inTime, fault]))
      this.#toldMonitor = outcome
      if (warning !== null) draft.note({ where: 'heartbeat', message: warning, isError: false })
      return warning !== null
    } catch {
      if (cancel.aborted) draft.fill({ cancelled: true })
      return true
    } finally {
      await http.close()
    }
  }
}
