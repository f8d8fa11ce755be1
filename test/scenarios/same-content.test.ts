import { expect, test } from 'vitest'
import type { CidKey } from '../../src/domain/cid.ts'
import { cidV1, parseCid } from '../../src/domain/cid.ts'
import { Cids } from '../sandbox/identity.ts'
import { added, Mirror } from './mirror.ts'

test('v0 and v1 of one thing are one pin, whichever side has which', async () => {
  await using mirror = await Mirror.start()
  const cids = new Cids(1)
  const [one, other, both] = [cids.bothVersions(), cids.bothVersions(), cids.bothVersions()]
  mirror.node.pin(one.v1)
  mirror.node.pin(other.v0)
  for (const cid of [one.v0, other.v1, both.v0, both.v1]) mirror.service.bucket('photos').add({ cid })

  const ran = await mirror.run()
  expect(ran.report.backup).toMatchObject({ missing: 1 })
  expect(added(ran)).toHaveLength(1)
  expect([both.v0, both.v1]).toContain(added(ran)[0])
  expect(ran.report.buckets[0]?.cids).toBe(3)
  expect((await mirror.run()).report.backup?.missing).toBe(0)
})

test('a dag-pb root is pinned although the node pins its raw twin', async () => {
  await using mirror = await Mirror.start()
  const root = new Cids(2).next('dag-pb')
  const key = parseCid(root)?.key ?? ''
  const twin = cidV1(`\x55${key.slice(1)}` as CidKey)
  mirror.node.pin(twin)
  mirror.service.bucket('photos').add({ cid: root })
  const ran = await mirror.run()
  expect(added(ran)).toEqual([root])
  expect(ran.report.node).toMatchObject({ pins: 1, onlyHere: 1, onlyHereExamples: [twin] })
})

test('a direct or an indirect pin is not enough', async () => {
  await using mirror = await Mirror.start()
  const [direct = '', indirect = '', folder = ''] = new Cids(3).take(3)
  mirror.node.pin(folder)
  mirror.node.pin(direct, { type: 'direct' })
  mirror.node.pin(indirect, { type: 'indirect', through: folder })
  for (const cid of [direct, indirect, folder]) mirror.service.bucket('photos').add({ cid })
  const ran = await mirror.run()
  expect(added(ran).toSorted()).toEqual([direct, indirect].toSorted())
  expect(ran.report).toMatchObject({ conclusion: 'ok', node: { pins: 1 }, backup: { missing: 2 } })
})

test('what somebody else pins between the listing and its turn is not added again', async () => {
  await using mirror = await Mirror.start()
  const cids = new Cids(4)
  const { v0, v1 } = cids.bothVersions()
  const plain = cids.next()
  for (const cid of [v1, plain]) mirror.service.bucket('photos').add({ cid, name: 'ours' })
  mirror.node.intercept = ({ path, query }) => {
    if (path !== '/api/v0/pin/ls' || !query.has('arg')) return undefined
    for (const cid of [v0, plain]) mirror.node.pin(cid, { name: 'theirs' })
    return undefined
  }
  const ran = await mirror.run()
  expect(ran.report.backup).toMatchObject({ missing: 2, failed: [] })
  expect(ran.report.backup?.pinned).toHaveLength(2)
  expect(added(ran)).toEqual([])
  expect(mirror.node.pins.get(plain)?.name).toBe('theirs')
})

test('CIDs on the `ignore` list and in its files are left alone and counted', async () => {
  await using mirror = await Mirror.start()
  const cids = new Cids(5)
  const { v0, v1 } = cids.bothVersions()
  const [other = '', wanted = ''] = cids.take(2)
  for (const cid of [v1, other, wanted]) mirror.service.bucket('photos').add({ cid })
  mirror.write('ignored.txt', `# a file of them\n${other}\n`)
  const ran = await mirror.run({ inputs: { ignore: `${v0}\n@ignored.txt` } })
  expect(ran.report.backup).toMatchObject({ missing: 1, ignored: 2 })
  expect(added(ran)).toEqual([wanted])
})
