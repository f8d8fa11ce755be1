import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net'
import * as cache from '@actions/cache'
import * as core from '@actions/core'
import { addressPatience } from './dual-stack.ts'
import { keepSnapshot } from './snapshot/keep.ts'
import { readPlace } from './snapshot/place.ts'

// Also for GitHub's API and the cache.
setDefaultAutoSelectFamilyAttemptTimeout(addressPatience)

const patience = 10 * 60_000
const place = readPlace(core.getState('snapshot'))
if (place !== undefined) {
  const signal = AbortSignal.timeout(patience)
  try {
    const inCache = core.getState('restored') !== ''
    core.info(await keepSnapshot(place, cache, { inCache, now: Date.now(), signal }))
  } catch (error) {
    core.warning(`The snapshot was not cached: ${(error as Error).message}. The next run will try again.`)
  }
  // An upload that hangs takes no signal, and its socket would hold the job.
  if (signal.aborted) process.exit()
}
