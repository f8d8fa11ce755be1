import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { placeOf } from '../../src/snapshot-file/place.ts'
import { startHeartbeat } from '../sandbox/heartbeat.ts'
import { Mirror, until } from './mirror.ts'
import { startPost } from './post-step.ts'

/** A mirror that has run, what its main step left for the post step, and an Actions cache. */
async function afterRun() {
  const mirror = await Mirror.start()
  const cache = await startHeartbeat()
  await mirror.run()
  const place = placeOf({
    cacheKey: 'ipfs-pin-mirror',
    endpoint: new URL(mirror.service.url),
    snapshotDir: undefined,
    github: { runId: '1', runAttempt: '1', workspace: mirror.workspace },
  })
  const env = { ACTIONS_CACHE_URL: `${cache.origin}/`, ACTIONS_RUNTIME_TOKEN: 'x' }
  return { mirror, cache, env, state: JSON.stringify(place) }
}

const warning = (what: string) =>
  new RegExp(`^::warning::The snapshot was not cached: .*${what}.* The next run will try again\\.$`, 'm')

test('with nothing to keep, nothing is said', async () => {
  await using mirror = await Mirror.start()
  expect(await startPost(mirror, '').ended).toEqual({ exitCode: 0, log: '' })
})

test('what the main step left may be damaged', async () => {
  await using mirror = await Mirror.start()
  const { exitCode, log } = await startPost(mirror, '{"path":').ended
  expect(exitCode).toBe(0)
  expect(log).toMatch(warning('JSON'))
})

test('a snapshot that is none is a warning', async () => {
  const { mirror, cache, env, state } = await afterRun()
  await using _ = mirror
  await using __ = cache
  writeFileSync(mirror.snapshotPath, 'no database')
  const { exitCode, log } = await startPost(mirror, state, env).ended
  expect(exitCode).toBe(0)
  expect(log).toMatch(warning('no SQLite database'))
})

test.each([
  ['thrown on SIGUSR2', 'nobody catches this'],
  ['rejected on SIGUSR2', 'nobody catches this, neither'],
  ['no error on SIGUSR2', '\\[Object: null prototype\\]'],
])('what is %s in the middle of the upload is a warning', async (uncaught, what) => {
  const { mirror, cache, env, state } = await afterRun()
  await using _ = mirror
  await using __ = cache
  cache.intercept = () => 'hang'
  const post = startPost(mirror, state, { ...env, UNCAUGHT: uncaught })
  await until(() => cache.requests.length > 0)
  post.kill('SIGUSR2')
  const { exitCode, log } = await post.ended
  expect(exitCode).toBe(0)
  expect(log).toMatch(warning(what))
  expect(log.match(/^::warning::/gm)).toHaveLength(1)
})

test('an upload that waits for nothing that can come is a warning', async () => {
  const { mirror, cache, env, state } = await afterRun()
  await using _ = mirror
  await using __ = cache
  cache.intercept = () => ({ status: 503 })
  const { exitCode, log } = await startPost(mirror, state, { ...env, UNCAUGHT: 'no timer ever fires' }).ended
  expect(cache.requests).not.toEqual([])
  expect(exitCode).toBe(0)
  expect(log).toMatch(warning('nothing is left to wait for'))
})
