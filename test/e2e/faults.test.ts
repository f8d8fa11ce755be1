import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { listingOf, reportOf } from './act.ts'
import { files } from './content.ts'
import { Stage } from './stage.ts'

describe.skipIf(!havePeers())('what can be wrong around a backup, under act', () => {
  test('a wrong token: says which bucket and what the service answered', async () => {
    await using stage = await Stage.set()
    const inputs = { ...stage.inputs, buckets: 'photos=not-the-token' }

    const outcome = await stage.runner.run({ event: 'schedule', inputs })

    expect(outcome).toMatchObject({ succeeded: false, outputs: { conclusion: 'error' } })
    const [error] = reportOf(outcome).errors
    expect(error?.where).toContain('photos')
    expect(error?.message).toContain('invalid token')
    expect(outcome.annotations.join()).toContain('photos')
    expect(outcome.log).not.toContain('not-the-token')
    expect(stage.github.issues).toEqual([])
  })

  test('a node that is not there: says where it was looked for, and keeps the listing', async () => {
    await using stage = await Stage.set()
    await stage.publish(files('file', 30, 100))
    await stage.node.stop()

    const outcome = await stage.runner.run({ event: 'schedule', inputs: stage.inputs })

    expect(outcome).toMatchObject({ succeeded: false, outputs: { conclusion: 'error' }, post: 'success' })
    expect(reportOf(outcome).errors).toMatchObject([{ where: 'node' }])
    expect(reportOf(outcome).errors[0]?.message).toContain(new URL(stage.node.apiUrl).host)

    await stage.node.restart()
    const next = await stage.runner.run({ event: 'schedule', inputs: stage.inputs })
    expect(reportOf(next)).toMatchObject({ conclusion: 'ok', backup: { missing: 30 } })
    expect(listingOf(next)).toMatchObject({ mode: 'incremental' })
  })

  test('issues turned off: warns, and the run goes on', async () => {
    await using stage = await Stage.set()
    const [dead = '', alive = ''] = await stage.publish(files('file', 2, 5_000))
    await stage.lose(dead)
    stage.github.hasIssues = false
    const inputs = { ...stage.inputs, 'stall-timeout': '2s', attempts: '1' }

    const outcome = await stage.runner.run({ event: 'schedule', inputs })

    expect(outcome).toMatchObject({ succeeded: true, outputs: { conclusion: 'failed-pins', pinned: '1' } })
    expect(outcome.outputs['issue-number'] ?? '').toBe('')
    expect(outcome.annotations.join()).toMatch(/^warning: .*issue/i)
    expect((await stage.node.pins()).has(alive)).toBe(true)
  })

  test('a cache that does not work: warns, and lists all', async () => {
    await using stage = await Stage.set()
    await stage.publish(files('file', 30, 100))
    // GitHub's API is no cache: it refuses all that is asked there.
    const env = { ACTIONS_CACHE_URL: `${stage.github.apiUrl}/` }

    const outcome = await stage.runner.run({ event: 'schedule', inputs: stage.inputs, env })

    expect(outcome).toMatchObject({ succeeded: true, outputs: { conclusion: 'ok', pinned: '30' } })
    expect(outcome.annotations.join()).toMatch(/^warning: .*cache/i)
    expect(listingOf(outcome)).toMatchObject({ mode: 'cold', complete: true })
  })

  test('a snapshot that is broken: warns, puts it aside and lists all', async () => {
    await using stage = await Stage.set()
    await stage.publish(files('file', 30, 100))
    const folder = await stage.folder()
    const inputs = { ...stage.inputs, cache: 'false', 'snapshot-dir': folder }
    await stage.runner.run({ event: 'schedule', inputs })
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const snapshots = entries.filter((entry) => entry.isFile())
    expect(snapshots).not.toEqual([])
    for (const { parentPath, name } of snapshots) await writeFile(join(parentPath, name), 'not a database')

    const outcome = await stage.runner.run({ event: 'schedule', inputs })

    expect(outcome).toMatchObject({ succeeded: true, outputs: { conclusion: 'ok', missing: '0' } })
    expect(outcome.annotations.join()).toMatch(/^warning: .*snapshot/i)
    expect(listingOf(outcome)).toMatchObject({ mode: 'cold', complete: true })

    const next = await stage.runner.run({ event: 'schedule', inputs })
    expect(listingOf(next)).toMatchObject({ mode: 'incremental', complete: true })
    expect(next.annotations).toEqual([])
  })
})
