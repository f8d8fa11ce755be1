import type * as Core from '@actions/core'
import { readConfig } from './config/config.ts'
import { readGitHubContext } from './config/github.ts'
import { proxyFor } from './config/proxies.ts'
import type { Config, Ending } from './config/types.ts'
import { Draft } from './draft/draft.ts'
import { mostTold } from './draft/history-report.ts'
import { defectOf, messageOf, problemOf, SnapshotError } from './errors.ts'
import { Http } from './http/http.ts'
import { run } from './run.ts'
import type { Secrets } from './secrets/secrets.ts'
import type { Snapshot } from './snapshot/snapshot.ts'
import { openSnapshot } from './snapshot-file/open.ts'
import { placeOf } from './snapshot-file/place.ts'
import { type CacheApi, restoreSnapshot } from './snapshot-file/restore.ts'
import { Teller } from './tell/tell.ts'
import { logLine } from './text/escape.ts'
import type { Log } from './text/log.ts'
import { Uncaught } from './uncaught.ts'

interface Runner {
  readonly env: NodeJS.ProcessEnv
  readonly core: typeof Core
  /** What is told to nobody: it gets to know those of the inputs. */
  readonly secrets: Secrets
  readonly cache: CacheApi
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
}

/** A cache that has not answered by then, in ms, is done without. */
const cachePatience = 5 * 60_000
/** While a run is told, something more may go uncaught, which is to be told too: so often in all. */
const mostTellings = 3

/**
 * The main step: reads the inputs, runs on the snapshot, and tells the runner, whatever happened, what it came to.
 * Whatever nobody caught, wherever, ends the run as a cancel does, and is told as its error.
 */
export async function runAction(runner: Runner): Promise<void> {
  const { env, core, secrets, signal } = runner
  const draft = new Draft((text) => secrets.redact(text))
  // The runner kills the process 10 s after a cancel.
  const grace = () => (signal.aborted ? 4_000 : 10_000)
  const uncaught = new Uncaught((error) => draft.note(defectOf('run', error)), grace)
  const github = readGitHubContext(env)
  let ending: Ending = {
    direction: 'backup',
    dryRun: false,
    heartbeatUrl: undefined,
    failOn: 'error',
    github,
  }
  let isHanging = false
  let snapshot: Snapshot | undefined
  // Open until all is told: the report reads from it.
  const open = new DisposableStack()
  await uncaught.during(async (stop) => {
    const reading = readConfig(env, github, secrets)
    ending = reading.ending
    for (const message of reading.warnings) draft.note({ where: 'input', message, isError: false })
    draft.fill({ direction: ending.direction, dryRun: ending.dryRun })
    if (reading.isGood)
      isHanging = await runOnSnapshot(reading.config, runner, draft, {
        signal: AbortSignal.any([signal, stop]),
        onOpen: (opened) => {
          snapshot = open.use(opened)
        },
      })
    else for (const message of reading.problems) draft.note({ where: 'input', message, isError: true })
  })
  if (uncaught.count > 0) isHanging = true

  if (snapshot !== undefined) rememberRun(snapshot, draft)
  const teller = new Teller(core, draft, ending, secrets)
  for (let tellings = 0, told = -1; told < uncaught.count && tellings < mostTellings; tellings++) {
    told = uncaught.count
    await uncaught.during((stop) => teller.tell({ cancel: signal, fault: stop }))
    if (told === uncaught.count && !isHanging) await uncaught.untilIdle()
  }
  // The telling may have brought an error to light.
  if (snapshot !== undefined) rememberRun(snapshot, draft)
  close(open, core)
  // What hangs takes no signal, and its socket would hold the job. The exit code is set by now.
  if (isHanging || uncaught.count > 0) process.exit()
}

/** What cannot be written costs the next run that knowledge, and this one nothing. */
function rememberRun({ history }: Snapshot, draft: Draft): void {
  const { run } = draft
  if (run === null) return
  try {
    history.record(run)
  } catch (error) {
    const message = `how this run ended cannot be kept for the next (${messageOf(error)}): check that the disk has room`
    if (draft.warnings.every((one) => one.message !== message))
      draft.note({ where: 'snapshot', message, isError: false })
  }
}

/** All is told by now: what goes wrong here costs the next run some time at most. */
function close(open: DisposableStack, core: typeof Core): void {
  try {
    open.dispose()
  } catch (error) {
    core.warning(logLine(`snapshot: it could not be closed (${(error as Error).message})`))
  }
}

/**
 * Runs on the snapshot, and fills the draft with what it comes to; never throws.
 * @param ends.signal aborted when the run is to end
 * @param ends.onOpen takes the snapshot, to close it in the end
 * @returns whether the cache hangs
 */
async function runOnSnapshot(
  config: Config,
  { core, cache, secrets }: Runner,
  draft: Draft,
  { signal, onOpen }: { readonly signal: AbortSignal; readonly onOpen: (snapshot: Snapshot) => void },
): Promise<boolean> {
  const http = new Http('ipfs-pin-mirror', { proxyFor, secrets })
  let isCacheHanging = false
  try {
    const place = placeOf(config)
    const warn = (message: string) => draft.note({ where: 'snapshot', message, isError: false })
    let restoredKey = ''
    if (config.cache) {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(cachePatience)])
      restoredKey = await restoreSnapshot(place, cache, warn, inTime)
      draft.fill({ restoredKey })
      isCacheHanging = inTime.aborted
      signal.throwIfAborted()
    }
    const snapshot = openSnapshot(place.path, place.mirror, warn)
    onOpen(snapshot)
    draft.fill({ past: snapshot.history.before(mostTold) })
    if (config.cache) {
      core.saveState('snapshot', JSON.stringify(place))
      core.saveState('restored', secrets.redact(restoredKey))
    }
    await run(config, { http, log: logTo(core), snapshot, signal }, draft)
  } catch (error) {
    if (signal.aborted) draft.fill({ cancelled: true })
    else draft.note(problemOf(error instanceof SnapshotError ? 'snapshot' : 'run', error))
  } finally {
    await http.close()
  }
  return isCacheHanging
}

function logTo(core: typeof Core): Log {
  return {
    info: (line) => core.info(logLine(line)),
    group: (title, work) => core.group(logLine(title), work),
  }
}
