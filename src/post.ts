import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net'
import { inspect } from 'node:util'
import * as cache from '@actions/cache'
import * as core from '@actions/core'
import { readConfig } from './config/config.ts'
import { readGitHubContext } from './config/github.ts'
import { addressPatience } from './http/dual-stack.ts'
import { guardOutput } from './secrets/guard.ts'
import { Secrets } from './secrets/secrets.ts'
import { readPlace } from './snapshot-file/place.ts'
import { saveSnapshot } from './snapshot-file/save.ts'
import { logLine } from './text/escape.ts'
import { Uncaught } from './uncaught.ts'

// Also for GitHub's API and the cache.
setDefaultAutoSelectFamilyAttemptTimeout(addressPatience)

const patience = 10 * 60_000
const inTime = AbortSignal.timeout(patience)

// The runner has masked them in the main step, by what is read here again.
const secrets = new Secrets()
for (const stream of [process.stdout, process.stderr]) guardOutput(stream, secrets)

// The mirror has done its work by now: what goes wrong here costs the next run some time, and never fails the job.
const warn = (error: unknown) =>
  core.warning(
    logLine(`The snapshot was not cached: ${secrets.redact(messageOf(error))}. The next run will try again.`),
  )
const uncaught = new Uncaught(warn, () => 10_000)
await uncaught.during(async (stop) => {
  readConfig(process.env, readGitHubContext(process.env), secrets)
  const place = readPlace(core.getState('snapshot'))
  if (place === undefined) return
  const inCache = core.getState('restored') !== ''
  const signal = AbortSignal.any([inTime, stop])
  core.info(logLine(await saveSnapshot(place, cache, { inCache, now: Date.now(), signal })))
})
// An upload that hangs takes no signal, and its socket would hold the job.
if (inTime.aborted || uncaught.count > 0) process.exit()

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : inspect(error, { depth: 0 })
}
