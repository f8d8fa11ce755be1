import { expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { startGitHub } from '../sandbox/github.ts'
import { Cids } from '../sandbox/identity.ts'
import { startKubo } from '../sandbox/kubo.ts'
import { startPinningService } from '../sandbox/pinning-service.ts'
import { reportOf } from './act.ts'
import { UserRepository } from './user-repository.ts'

test.skipIf(!havePeers('act'))(
  'from a service that is gone to another one: every CID arrives once, with its name',
  async () => {
    await using node = await startKubo({ addresses: ['/ip4/93.184.216.34/tcp/4001'] })
    await using github = await startGitHub({ token: 'ghs_ofTheRun' })
    await using second = await startPinningService({
      buckets: { second: 'token-of-second' },
      settle: () => ({ status: 'pinned', after: { requests: 1 } }),
    })
    const first = await startPinningService({ buckets: { photos: 'token-1', videos: 'token-2' } })
    await using user = await UserRepository.create({ service: first, node, github })
    const cids = new Cids(301)
    const wanted = new Map<string, string>()
    for (const bucket of ['photos', 'videos'])
      for (const [index, cid] of cids.take(40).entries()) {
        const name = `${bucket}/${index}.jpg`
        first.bucket(bucket).add({ cid, name })
        wanted.set(cid, name)
      }
    // One of the first service's pins is in both of its buckets, and one was on the node already.
    const [twice = ''] = wanted.keys()
    first.bucket('videos').add({ cid: twice, name: wanted.get(twice) ?? '' })
    const own = cids.next()
    node.pin(own, { name: 'own' })
    wanted.set(own, 'own')

    const backup = await user.run('backup.yml', {
      event: 'schedule',
      secrets: { BUCKETS: 'photos=token-1\nvideos=token-2' },
    })
    expect(backup, backup.log).toMatchObject({ succeeded: true, outputs: { conclusion: 'ok', pinned: '80' } })
    await first[Symbol.asyncDispose]()

    const start = {
      secrets: { SECOND_SERVICE: 'token-of-second' },
      here: { 'https://api.4everland.dev': second.url },
    }
    const dry = await user.run('second-mirror.yml', {
      ...start,
      event: 'workflow_dispatch',
      form: { 'dry-run': 'true' },
    })
    expect(dry, dry.log).toMatchObject({ succeeded: true, outputs: { missing: '81', pinned: '0' } })
    expect(second.bucket('second').size).toBe(0)

    const moved = await user.run('second-mirror.yml', { ...start, event: 'schedule' })
    expect(moved, moved.log).toMatchObject({ succeeded: true, outputs: { conclusion: 'ok', pinned: '81' } })
    const rows = second.bucket('second').rows()
    expect(rows).toHaveLength(81)
    expect(new Map(rows.map(({ cid, name }) => [cid, name]))).toEqual(wanted)

    const again = await user.run('second-mirror.yml', { ...start, event: 'schedule' })
    expect(reportOf(again).update).toMatchObject({ missing: 0 })
    expect(second.bucket('second').size).toBe(81)
  },
)
