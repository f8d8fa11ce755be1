import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { added, Mirror } from './mirror.ts'

test('a CID in several buckets is pinned once, as the first bucket’s, under the newest name', async () => {
  await using mirror = await Mirror.start({ buckets: ['zebra', 'apple', 'mango'] })
  const cids = new Cids(1)
  const [everywhere = '', unnamed = '', late = '', unpinned = ''] = cids.take(4)
  const long = `${'x'.repeat(250)}für 🚢 mirrors`
  const add = (bucket: string, cid: string, name: string | undefined, day: number) =>
    mirror.service.bucket(bucket).add({ cid, name, created: Date.UTC(2024, 0, day) })
  add('zebra', everywhere, 'oldest', 1)
  add('apple', everywhere, 'newest', 3)
  add('mango', everywhere, 'older', 2)
  // Filebase shows the CID where there is no name.
  add('zebra', unnamed, unnamed, 5)
  add('mango', late, long, 4)
  add('apple', late, undefined, 5)
  mirror.service
    .bucket('zebra')
    .add({ cid: unpinned, status: 'failed', name: 'no', created: Date.UTC(2024, 0, 9) })
  add('mango', unpinned, 'yes', 1)

  const ran = await mirror.run()
  const cut = `${'x'.repeat(250)}für `
  expect(Buffer.byteLength(cut)).toBe(255)
  expect(ran.report.backup?.pinned.toSorted(byName)).toEqual(
    [
      { cid: everywhere, name: 'newest', bucket: 'zebra' },
      { cid: unnamed, name: null, bucket: 'zebra' },
      { cid: late, name: cut, bucket: 'apple' },
      { cid: unpinned, name: 'yes', bucket: 'mango' },
    ].toSorted(byName),
  )
  expect(added(ran)).toHaveLength(4)
  const names = ran.asked.node
    .filter(({ path }) => path === '/api/v0/pin/add')
    .map(({ query }) => [query.get('arg'), query.get('name')])
  expect(Object.fromEntries(names)).toEqual({
    [everywhere]: 'newest',
    [unnamed]: null,
    [late]: cut,
    [unpinned]: 'yes',
  })
  expect(ran.outputs['listed']).toBe('4')
  expect(
    ran.report.buckets.map(({ name, cids, failedRequests }) => [name, cids, failedRequests.length]),
  ).toEqual([
    ['zebra', 3, 0],
    ['apple', 2, 0],
    ['mango', 3, 0],
  ])

  // It is on the node for each bucket that has it, and counts once in all of them.
  const all = (cids: number) => ({ atService: cids, onNode: cids, onBoth: cids })
  expect(ran.report.buckets.map(({ standing }) => standing)).toEqual([all(2), all(2), all(3)])
  expect(ran.report.standing).toEqual(all(4))
  expect(ran.report.history.at(-1)).toMatchObject({ cids: 4, onNode: 4 })
  expect(ran.summary).toContain('**100%** of 4 CIDs are on the node')
  expect(ran.summary).toContain('The buckets add up to 3 more than the bar counts')
})

test('what is ignored counts on no side, unless the node has it', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'videos'] })
  const [mirrored = '', kept = '', left = ''] = new Cids(9).take(3)
  for (const cid of [mirrored, kept, left]) mirror.service.bucket('photos').add({ cid })
  mirror.service.bucket('videos').add({ cid: left })
  mirror.node.pin(kept)
  const { report } = await mirror.run({ inputs: { ignore: `${kept}\n${left}` } })
  const two = { atService: 2, onNode: 2, onBoth: 2 }
  expect(report.buckets.map(({ standing }) => standing)).toEqual([
    two,
    { atService: 0, onNode: 0, onBoth: 0 },
  ])
  expect(report.standing).toEqual(two)
  expect(report).toMatchObject({ conclusion: 'ok', backup: { missing: 1, ignored: 1 } })
})

const byName = (a: { cid: string }, b: { cid: string }) => a.cid.localeCompare(b.cid)

test('a bucket that is forgotten is missed, and its failures are not settled', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'videos'] })
  const [alive = '', lost = ''] = new Cids(8).take(2)
  mirror.service.bucket('photos').add({ cid: alive })
  mirror.service.bucket('videos').add({ cid: lost })
  mirror.node.setContent(lost, nowhere)
  await mirror.run()

  const second = await mirror.run({ inputs: { buckets: mirror.bucketLines.split('\n')[0] ?? '' } })

  expect(second.report.conclusion).toBe('failed-pins')
  expect(second.report.warnings).toMatchObject([{ where: 'bucket videos' }])
  expect(second.report.warnings[0]?.message).toContain('it is not backed up')
  expect(mirror.github.issues).toMatchObject([{ state: 'open' }])
})
