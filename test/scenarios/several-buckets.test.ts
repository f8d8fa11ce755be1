import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { added, Mirror, posted, type Ran } from './mirror.ts'

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

/** What is said of buckets that have no line any more. */
const missedIn = ({ report }: Ran) =>
  report.warnings
    .filter(({ message }) => message.startsWith('earlier runs listed it'))
    .map(({ where }) => where)

test('a slip of the pen in a bucket’s name is not missed once it is mended, as the token tells', async () => {
  await using mirror = await Mirror.start()
  mirror.service.bucket('photos').add({ cid: new Cids(11).next() })
  const slip = { buckets: mirror.bucketLines.replace('photos=', 'photso=') }
  expect((await mirror.run({ inputs: slip })).report.buckets).toMatchObject([{ name: 'photso', cids: 1 }])
  const mended = await mirror.run()
  expect(mended.report.buckets).toMatchObject([{ name: 'photos', cids: 1 }])
  expect(missedIn(mended)).toEqual([])
})

test('what a dry run alone listed is not missed, and what another run listed is, until it is ignored', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'videos'] })
  const [photos = '', videos = ''] = mirror.bucketLines.split('\n')
  await mirror.run({ inputs: { 'dry-run': 'true' } })
  expect(missedIn(await mirror.run({ inputs: { buckets: photos } }))).toEqual([])
  expect(missedIn(await mirror.run({ inputs: { buckets: videos } }))).toEqual(['bucket photos'])
  const told = await mirror.run({ inputs: { buckets: videos } })
  expect(missedIn(told)).toEqual(['bucket photos'])
  expect(told.report.warnings[0]?.message).toMatch(/, add this one to `ignore-buckets`$/)
  expect(missedIn(await mirror.run({ inputs: { buckets: videos, 'ignore-buckets': 'photos' } }))).toEqual([])
})

test('a bucket that is ignored now is not bought again by an update', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'videos'] })
  const cid = new Cids(12).next()
  mirror.service.bucket('photos').add({ cid })
  await mirror.run()
  const inputs = { direction: 'update', origins: 'none', buckets: mirror.bucketLines.split('\n')[1] ?? '' }
  const ran = await mirror.run({ inputs: { ...inputs, 'ignore-buckets': 'photos' } })
  expect(missedIn(ran)).toEqual([])
  expect(mirror.service.bucket('videos').rows()).toEqual([])
})

test('what a bucket without a line had is held and told, until a person says that the bucket is closed', async () => {
  const settle = () => ({ status: 'pinned' as const, after: { requests: 1 } })
  await using mirror = await Mirror.start({ buckets: ['photos', 'videos'], service: { settle } })
  const cid = new Cids(13).next()
  mirror.service.bucket('videos').add({ cid })
  await mirror.run()
  const [photos = ''] = mirror.bucketLines.split('\n')
  const inputs = { direction: 'update', origins: 'none', 'settle-timeout': '1s', buckets: photos }
  const byHand = { event: 'workflow_dispatch' } as const
  const full = { 'full-listing': 'true' }
  const closed = { 'ignore-buckets': 'videos' }

  for (const start of [
    { inputs },
    { inputs: { ...inputs, ...closed } },
    { inputs: { ...inputs, ...closed, ...full } },
    { inputs: { ...inputs, ...closed }, ...byHand },
    { inputs: { ...inputs, ...full }, ...byHand },
  ]) {
    const held = await mirror.run(start)
    expect(posted(held)).toEqual([])
    expect(held.report).toMatchObject({ conclusion: 'ok', update: { missing: 1, unsent: [{ cid }] } })
    const { where, message } = held.report.warnings.find((one) => one.message.includes('not sent, as')) ?? {}
    expect(where).toBe('bucket videos')
    expect(message).toContain('1 CID is not sent, as earlier runs found it in this bucket')
    expect(message).toContain('name it in `ignore-buckets`, and start a run by hand')
  }

  const said = { inputs: { ...inputs, ...closed, ...full }, ...byHand }
  const dry = await mirror.run({ ...said, inputs: { ...said.inputs, 'dry-run': 'true' } })
  expect(dry.report.warnings).toEqual([])
  const ran = await mirror.run(said)
  expect(ran.report.warnings).toEqual([])
  expect(ran.report.update).toMatchObject({ missing: 1, pinned: [{ cid, bucket: 'photos' }] })
  expect(posted(ran)).toMatchObject([{ cid }])

  // It is forgotten: what the service loses later is sent without a person.
  mirror.service.bucket('photos').remove(mirror.service.bucket('photos').rows()[0]?.requestid ?? '')
  const later = await mirror.run({ inputs: { ...inputs, ...closed } })
  expect(later.report).toMatchObject({ warnings: [], update: { missing: 1, pinned: [{ cid }] } })
})
