import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { added, Mirror } from './mirror.ts'

const refused = 'pin: potentially insecure hash functions not allowed'
const day = 24 * 60

/** A mirror with a CID whose hash Kubo refuses, and one that nobody has. */
async function withHopeless() {
  const mirror = await Mirror.start()
  const [hopeless = '', dead = ''] = new Cids(1).take(2)
  for (const cid of [hopeless, dead]) mirror.service.bucket('photos').add({ cid })
  mirror.node.setContent(hopeless, { breaks: { after: 0, error: refused } })
  mirror.node.setContent(dead, nowhere)
  return { mirror, hopeless, dead }
}

test('what never heals is tried once, and then in a month; what may heal in 15 minutes', async () => {
  const { mirror, hopeless, dead } = await withHopeless()
  await using _ = mirror
  const first = await mirror.run({ inputs: { attempts: '3', 'stall-timeout': '1s' } })
  expect(added(first).toSorted()).toEqual([hopeless, dead, dead, dead].toSorted())
  const pauseOf = (cid: string) => {
    const entry = first.report.backup?.failed.find((one) => one.cid === cid)
    return (Date.parse(entry?.nextAttemptAt ?? '') - Date.parse(entry?.firstFailedAt ?? '')) / 60_000
  }
  expect(first.report.backup?.failed.toSorted((a, b) => a.class.localeCompare(b.class))).toMatchObject([
    { cid: dead, class: 'no-block', retry: 'later' },
    { cid: hopeless, class: 'refused-hash', retry: 'never', reason: refused.slice('pin: '.length) },
  ])
  expect([pauseOf(dead), pauseOf(hopeless)]).toEqual([15, 30 * day])

  mirror.letPass(day)
  expect(added(await mirror.run())).toEqual([dead])
  mirror.letPass(29 * day)
  expect(added(await mirror.run()).toSorted()).toEqual([hopeless, dead].toSorted())
})

test('a run by hand tries it, and so does one with a new version of the node', async () => {
  const { mirror, hopeless, dead } = await withHopeless()
  await using _ = mirror
  await mirror.run()
  expect(added(await mirror.run({ event: 'workflow_dispatch' })).toSorted()).toEqual(
    [hopeless, dead].toSorted(),
  )

  mirror.node.version = '0.99.0'
  expect(added(await mirror.run())).toEqual([hopeless])
  const after = await mirror.run()
  expect(added(after)).toEqual([])
  expect(after.report.backup?.failed.find(({ cid }) => cid === hopeless)).toMatchObject({ attempts: 3 })
})

test('a dry run with a new version leaves it as it is', async () => {
  const { mirror } = await withHopeless()
  await using _ = mirror
  const before = await mirror.run()
  mirror.node.version = '0.99.0'
  const dry = await mirror.run({ inputs: { 'dry-run': 'true' } })
  expect(dry.report.backup?.failed).toEqual(before.report.backup?.failed)
})

test('a node that says so of 40 CIDs and of nothing else is not at fault', async () => {
  await using mirror = await Mirror.start()
  for (const cid of new Cids(2).take(40)) {
    mirror.service.bucket('photos').add({ cid })
    mirror.node.setContent(cid, { breaks: { after: 0, error: refused } })
  }
  const ran = await mirror.run()
  expect(ran.report).toMatchObject({ conclusion: 'failed-pins', backup: { missing: 40, pending: [] } })
  expect(new Set(ran.report.backup?.failed.map((one) => one.class))).toEqual(new Set(['refused-hash']))
})
