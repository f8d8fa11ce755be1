import type * as Core from '@actions/core'
import { readConfig } from './config/config.ts'
import { readGitHubContext } from './config/github.ts'
import { proxyFor } from './config/proxies.ts'
import type { Config, Ending, MirrorConfig } from './config/types.ts'
import { serviceName } from './domain/hosts.ts'
import type { Problem } from './domain/problem.ts'
import { Draft } from './draft/draft.ts'
import { mostTold } from './draft/history-report.ts'
import { defectOf, messageOf, problemOf, SnapshotBusyError, SnapshotError } from './errors.ts'
import { Http } from './http/http.ts'
import { inSlices } from './in-slices.ts'
import { keepIssue } from './issue/keep-issue.ts'
import { run } from './run.ts'
import { RunTime } from './run-time.ts'
import type { Secrets } from './secrets/secrets.ts'
import type { Snapshot } from './snapshot/snapshot.ts'
import { asSnapshotError } from './snapshot/sqlite-errors.ts'
import { openSnapshot } from './snapshot-file/open.ts'
import { placeOf } from './snapshot-file/place.ts'
import { type CacheApi, restoreSnapshot } from './snapshot-file/restore.ts'
import { logTo, requestsTo } from './tell/run-log.ts'
import { Teller } from './tell/tell.ts'
import { logLine } from './text/escape.ts'
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
/** What GitHub may let the tracking issue wait, in ms. */
const issuePatience = 5 * 60_000
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
    isInspection: false,
    heartbeatUrl: undefined,
    failOn: 'error',
    github,
  }
  let isHanging = false
  let mirror: MirrorConfig | undefined
  let snapshot: Snapshot | undefined
  // Open until all is told: the report reads from it.
  const open = new DisposableStack()
  const onOpen = (opened: Snapshot) => {
    snapshot = open.use(opened)
  }
  let remember: (() => void) | undefined
  const onRun = (after: () => void) => {
    remember = after
  }
  await uncaught.during(async (stop) => {
    const reading = readConfig(env, github, secrets)
    ending = reading.ending
    for (const message of reading.warnings) draft.note({ where: 'input', message, isError: false })
    const { direction, dryRun, isInspection } = ending
    draft.fill({ direction, dryRun, isInspection })
    if (reading.isGood) draft.fill({ service: serviceName(reading.config.endpoint) })
    else draft.note(...reading.problems.map(inputProblem))
    mirror = reading.isGood ? reading.config : reading.mirror
    const config = reading.isGood ? reading.config : undefined
    const ends = { signal: AbortSignal.any([signal, stop]), onOpen, onRun }
    if (mirror !== undefined) isHanging = await runOnSnapshot(mirror, config, runner, draft, ends)
  })
  // What a run sees at its end only was not seen, where an error ended it before, or it hangs.
  if (remember === undefined && draft.filling.isWhole) draft.fill({ isWhole: false })
  // A run that a defect ended is none that was cancelled: it is to be told.
  if (signal.aborted) draft.fill({ cancelled: true })
  await uncaught.during((stop) => tellOfRun(mirror, snapshot, runner, draft, { stop, remember }))
  if (uncaught.count > 0) isHanging = true

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

function inputProblem(message: string): Problem {
  return { where: 'input', message, todo: 'Correct the workflow', isError: true }
}

/** Tells the next runs and the tracking issue how this one ended, as far as that is known before it is told. */
async function tellOfRun(
  mirror: MirrorConfig | undefined,
  snapshot: Snapshot | undefined,
  { core, secrets, signal }: Runner,
  draft: Draft,
  { stop, remember }: { readonly stop: AbortSignal; readonly remember: (() => void) | undefined },
): Promise<void> {
  if (mirror === undefined) return
  if (snapshot !== undefined) rememberRun(snapshot, draft)
  const events = requestsTo(logTo(core, secrets), core.isDebug(), mirror)
  const http = new Http('ipfs-pin-mirror', { proxyFor, secrets, events })
  using time = new RunTime(AbortSignal.any([signal, stop]), issuePatience)
  try {
    await keepIssue(mirror, { http, time, snapshot }, draft)
    remember?.()
  } catch (error) {
    if (!signal.aborted) throw error
    draft.fill({ cancelled: true })
  } finally {
    await http.close()
  }
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
 * Runs on the snapshot, and fills the draft with what it comes to; never throws. Where inputs are wrong it comes to
 * nothing, and is remembered all the same.
 * @param ends.signal aborted when the run is to end
 * @param ends.onOpen takes the snapshot, to close it in the end
 * @param ends.onRun takes what is to be called once people have been told of the run
 * @returns whether the cache hangs
 */
async function runOnSnapshot(
  mirror: MirrorConfig,
  config: Config | undefined,
  { core, cache, secrets }: Runner,
  draft: Draft,
  {
    signal,
    onOpen,
    onRun,
  }: {
    readonly signal: AbortSignal
    readonly onOpen: (snapshot: Snapshot) => void
    readonly onRun: (remember: () => void) => void
  },
): Promise<boolean> {
  const log = logTo(core, secrets)
  const events = requestsTo(log, core.isDebug(), config)
  const http = new Http('ipfs-pin-mirror', { proxyFor, secrets, events })
  const place = placeOf(mirror)
  let isCacheHanging = false
  try {
    const warn = (message: string) => draft.note({ where: 'snapshot', message, isError: false })
    let restoredKey = ''
    if (mirror.cache) {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(cachePatience)])
      restoredKey = await restoreSnapshot(place, cache, warn, inTime)
      draft.fill({ restoredKey })
      isCacheHanging = inTime.aborted
      signal.throwIfAborted()
    }
    const snapshot = await inSlices(openSnapshot(place.path, place.mirror, warn), signal)
    onOpen(snapshot)
    draft.fill({
      past: snapshot.history.before(mostTold),
      issueNumber: snapshot.facts.get('issue') ?? null,
    })
    if (mirror.cache) {
      core.saveState('snapshot', JSON.stringify(place))
      core.saveState('restored', secrets.redact(restoredKey))
    }
    if (config !== undefined) onRun(await run(config, { http, log, snapshot, signal }, draft))
  } catch (error) {
    const fault = asSnapshotError(error, place.path)
    draft.fill({ isBusy: error instanceof SnapshotBusyError })
    if (signal.aborted) draft.fill({ cutOff: true })
    else draft.note(problemOf(fault instanceof SnapshotError ? 'snapshot' : 'run', fault))
  } finally {
    await http.close()
  }
  return isCacheHanging
}
