import * as cache from '@actions/cache'
import * as core from '@actions/core'
import { keepSnapshot } from './snapshot/keep.ts'
import { readPlace } from './snapshot/place.ts'

const place = readPlace(core.getState('snapshot'))
if (place !== undefined) {
  try {
    core.info(await keepSnapshot(place, cache, Date.now()))
  } catch (error) {
    core.warning(`The snapshot was not cached: ${(error as Error).message}. The next run will try again.`)
  }
}
