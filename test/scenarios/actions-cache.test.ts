import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ActionsCacheSandbox } from '../sandbox/actions-cache.ts'
import { Cids } from '../sandbox/identity.ts'
import { Mirror } from './mirror.ts'
import { startPost } from './post-step.ts'

test('a listing goes through github.com’s cache from one workspace to the next', async () => {
  await using mirror = await Mirror.start()
  await using cache = await new ActionsCacheSandbox().listen()
  const { env } = cache
  const cids = new Cids(1).take(50)
  for (const cid of cids) mirror.service.bucket('photos').add({ cid })
  const first = await mirror.run({ env })
  expect(first.report.buckets[0]?.listing).toMatchObject({ mode: 'cold', complete: true, added: 50 })
  expect(first.outputs['cache-key']).toBe('')
  const post = await startPost(mirror, first.state['snapshot'] ?? '', env).ended
  expect(post).toMatchObject({ exitCode: 0, log: expect.stringMatching(/^The snapshot is cached as /m) })
  expect(post.log).not.toContain('::warning::')
  const [{ key = '' } = {}] = cache.saved
  rmSync(join(mirror.workspace, '.ipfs-pin-mirror'), { recursive: true })
  const second = await mirror.run({ env })
  expect(second.outputs['cache-key']).toBe(key)
  expect(second.report.buckets[0]?.listing).toMatchObject({ mode: 'incremental', complete: true, added: 0 })
  // What a runner shows of the logs.
  const shown = `${first.log}${post.log}${second.log}`.replaceAll(/^::add-mask::.*$/gm, '')
  expect(shown).not.toMatch(/secret-of-the-store|token-of-the-job/)
})
