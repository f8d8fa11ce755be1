import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { Mirror, type Ran } from './mirror.ts'

const asked = { manifest: 'true', 'verify-time': '60s' }

function manifestOf(ran: Ran): string {
  const path = ran.outputs['manifest'] ?? ''
  expect(dirname(path)).toBe(dirname(ran.outputs['report'] ?? ''))
  expect(ran.report.manifest).toBe(path)
  return zstdDecompressSync(readFileSync(path)).toString('utf8')
}

test('a manifest has what is needed to restore, and what is on one side only', async () => {
  await using mirror = await Mirror.start({
    buckets: ['photos', 'video'],
    node: { otherwise: { blocks: 2, bytesPerBlock: 1_000 } },
  })
  const [both = '', lacking = '', queued = '', own = '', twice = '', fresh = ''] = new Cids(1).take(6)
  mirror.node.setContent(lacking, nowhere)
  const photos = mirror.service.bucket('photos')
  photos.add({ cid: both, name: 'with "quotes", commas\nand lines' })
  photos.add({ cid: lacking, name: '=1+1\0\u001b]0;x' })
  photos.add({ cid: queued, status: 'queued' })
  photos.add({ cid: fresh, name: 'pinned by this run' })
  photos.add({ cid: twice, name: 'older', created: '2024-01-01T00:00:00Z' })
  photos.add({ cid: twice, name: 'newer', created: '2024-02-01T00:00:00Z' })
  mirror.service.bucket('video').add({ cid: twice, name: 'elsewhere' })
  for (const cid of [both, twice]) mirror.node.pin(cid)
  mirror.node.pin(own, { name: 'only here' })
  const ran = await mirror.run({ inputs: asked })
  const today = new Date().toISOString().slice(0, 10)
  const proof = `2174,${today}`
  const [head, ...rows] = manifestOf(ran).trimEnd().split('\r\n')
  expect(head).toBe('cid,name,bucket,on_node,bytes,verified')
  expect(rows.toSorted()).toEqual(
    [
      `${both},"with ""quotes"", commas\nand lines",photos,true,${proof}`,
      `${lacking},=1+1\uFFFD\uFFFD]0;x,photos,false,,`,
      `${fresh},pinned by this run,photos,true,${proof}`,
      `${twice},newer,photos,true,${proof}`,
      `${twice},elsewhere,video,true,${proof}`,
      `${own},only here,,true,,`,
    ].toSorted(),
  )
})

test('what an update sent is in the manifest once: in its bucket, where it is pinned there', async () => {
  const [sent = '', queued = '', failed = ''] = new Cids(3).take(3)
  await using mirror = await Mirror.start({
    service: {
      settle: ({ cid }) =>
        cid === queued ? undefined : { status: cid === sent ? 'pinned' : 'failed', after: { requests: 1 } },
    },
  })
  for (const cid of [sent, queued, failed]) mirror.node.pin(cid, { name: 'of the node' })
  const inputs = { ...asked, direction: 'update', 'settle-timeout': '1s' }
  const [, ...rows] = manifestOf(await mirror.run({ inputs }))
    .trimEnd()
    .split('\r\n')
  expect(rows).toEqual([`${sent},of the node,photos,true,,`])
})

test('a manifest is written only where it was asked for, and what is on the node is known', async () => {
  await using mirror = await Mirror.start()
  mirror.service.bucket('photos').add({ cid: new Cids(2).next() })
  const without = await mirror.run()
  expect(without.outputs['manifest']).toBe('')
  expect(existsSync(`${dirname(without.outputs['report'] ?? '')}/manifest.csv.zst`)).toBe(false)
  await mirror.node.stop()
  const down = await mirror.run({ inputs: asked })
  expect(down.report).toMatchObject({ conclusion: 'error', manifest: null })
  expect(down.outputs['manifest']).toBe('')
})
