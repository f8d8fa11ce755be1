import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { Mirror, type Ran } from './mirror.ts'

const invalidToken = { status: 401, reason: 'ERR_INVALID_TOKEN' }
const endsOf = ({ report }: Ran) => report.history.map(({ conclusion }) => conclusion)

test('each run is in the report of the next ones, with its figures', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'video'] })
  const [dead = '', there = '', ...fresh] = new Cids(1).take(5)
  for (const cid of [dead, there, ...fresh]) mirror.service.bucket('photos').add({ cid })
  mirror.service.bucket('video').add({ cid: there })
  mirror.service.bucket('video').add({ cid: new Cids(2).next(), status: 'failed' })
  mirror.node.pin(there)
  mirror.node.setContent(dead, nowhere)

  const first = await mirror.run()
  const figures = { cids: 5, onNode: 4, missing: 4, failed: 1 }
  const { startedAt } = first.report
  expect(first.report).toMatchObject({
    history: [{ startedAt, conclusion: 'failed-pins', ...figures }],
    inStepSince: null,
    failing: null,
  })

  const ignoring = await mirror.run({ inputs: { ignore: dead } })
  expect(ignoring.report.history).toMatchObject([
    { startedAt, conclusion: 'failed-pins', ...figures },
    { conclusion: 'ok', cids: 4, onNode: 4, missing: 0, failed: 0 },
  ])
  expect(ignoring.report.inStepSince).toBe(ignoring.report.startedAt)
  const quiet = await mirror.run({ inputs: { ignore: dead } })
  expect(quiet.report.inStepSince).toBe(ignoring.report.startedAt)
})

test('runs that fail are counted from the first, whatever it was; dry runs and inspections are none', async () => {
  await using mirror = await Mirror.start()
  const photos = mirror.service.bucket('photos')
  photos.add({ cid: new Cids(1).next() })
  await mirror.run()
  photos.refusal = invalidToken
  const first = await mirror.run()
  expect(first.report.failing).toEqual({ since: first.report.startedAt, runs: 1 })
  // Of what is not known there is no figure.
  expect(first.report.history.at(-1)).toMatchObject({ conclusion: 'error', cids: null, onNode: null })

  const dry = await mirror.run({ inputs: { 'dry-run': 'true' } })
  const look = await mirror.run({ inputs: { inspect: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG' } })
  for (const ran of [dry, look]) expect(endsOf(ran)).toEqual(['ok', 'error'])

  const second = await mirror.run()
  expect(endsOf(second)).toEqual(['ok', 'error', 'error'])
  expect(second.report).toMatchObject({
    failing: { since: first.report.startedAt, runs: 2 },
    inStepSince: null,
  })

  photos.refusal = undefined
  const good = await mirror.run()
  expect(good.report).toMatchObject({ failing: null, inStepSince: good.report.startedAt })
})

test('an update counts what the service came to have', async () => {
  await using mirror = await Mirror.start({
    service: { settle: () => ({ status: 'pinned', after: { requests: 1 } }) },
  })
  const [there = '', own = ''] = new Cids(3).take(2)
  mirror.service.bucket('photos').add({ cid: there })
  for (const cid of [there, own]) mirror.node.pin(cid)
  const ran = await mirror.run({ inputs: { direction: 'update', 'settle-timeout': '1s' } })
  expect(ran.report.update?.pinned).toMatchObject([{ cid: own }])
  expect(ran.report.history).toMatchObject([{ cids: 2, onNode: 2, missing: 1, failed: 0 }])
})
