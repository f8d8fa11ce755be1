import { expect, test } from 'vitest'
import { parseCid } from '../../src/domain/cid.ts'
import { Cids } from '../sandbox/identity.ts'
import { readBy } from '../sandbox/kubo/dags.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { added, commands, Mirror, type Ran, until } from './mirror.ts'

const on = { 'verify-time': '60s' }
const small = { blocks: 3, bytesPerBlock: 1_000 }

/** A mirror whose node pins all that the service has. */
async function withPins(count: number, seed: number) {
  const mirror = await Mirror.start({ node: { otherwise: small }, service: { delegates: () => [] } })
  const cids = new Cids(seed).take(count)
  mirror.service.bucket('photos').addAll(cids.map((cid, index) => ({ cid, name: `photo ${index}` })))
  for (const [index, cid] of cids.entries()) mirror.node.pin(cid, { name: `photo ${index}` })
  const [first = '', second = '', third = ''] = cids
  return { mirror, cids, first, second, third }
}

/** What the node was asked to read, in order; the first is of no content. */
function read(ran: Ran): string[] {
  return ran.asked.node
    .filter(({ path }) => path === '/api/v0/dag/export')
    .map(({ query }) => readBy(query))
    .slice(1)
}

/** Lets so many days pass, as far as what was verified can tell. */
function letPass(mirror: Mirror, days: number): void {
  mirror.inSnapshot((db) => db.exec(`UPDATE verified SET day = day - ${days} WHERE day > 0`))
}

test('all that is pinned is read once, and not again within a week', async () => {
  const { mirror, cids } = await withPins(20, 1)
  await using _ = mirror
  const ran = await mirror.run({ inputs: on })
  expect(read(ran).toSorted()).toEqual(cids.toSorted())
  expect(ran.report).toMatchObject({ conclusion: 'ok', errors: [], warnings: [] })
  const today = new Date().toISOString().slice(0, 10)
  /** The block above it, with its header, and its own header and blocks. */
  const bytes = 20 * (71 + 44 + 59 + 3_000)
  expect(ran.report.verify).toEqual({
    checked: 20,
    whole: 20,
    mended: 0,
    missing: 0,
    corrupt: 0,
    unread: 0,
    bytes,
    fetched: 0,
    oldest: today,
    failed: [],
    buckets: [
      { name: 'photos', cids: 20, bytes, recent: 20, recentBytes: bytes, never: 0, broken: 0, oldest: today },
    ],
  })
  expect(ran.summary).toContain(`100% of 63.5 kB verified in the last 30 days, the oldest today.`)

  letPass(mirror, 6)
  const soon = await mirror.run({ inputs: on })
  expect(commands(soon)).not.toContain('dag/export')
  expect(soon.report.verify).toMatchObject({ checked: 0, bytes: 0, buckets: [{ recent: 20 }] })
  letPass(mirror, 1)
  const later = await mirror.run({ inputs: on })
  expect(read(later).toSorted()).toEqual(cids.toSorted())
})

test('what was just pinned is read first, and then what was read longest ago', async () => {
  const { mirror, cids, first, second } = await withPins(5, 14)
  await using _ = mirror
  await mirror.run({ inputs: on })
  letPass(mirror, 8)
  const daysMore = (cid: string, days: number) =>
    mirror.inSnapshot((db) =>
      db
        .prepare(`UPDATE verified SET day = day - ${days} WHERE cid = ?`)
        .run(Buffer.from(parseCid(cid)?.key ?? '', 'latin1')),
    )
  daysMore(second, 1)
  daysMore(first, 2)
  const fresh = new Cids(15).take(2)
  for (const cid of fresh) mirror.service.bucket('photos').add({ cid })
  const ran = await mirror.run({ inputs: on })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    backup: { pinned: { length: 2 } },
    verify: { whole: 7 },
  })
  const order = read(ran)
  // Two are read at a time: which of both is asked for first is nobody's business.
  expect(order.slice(0, 2).toSorted()).toEqual(fresh.toSorted())
  expect(order.slice(2, 4).toSorted()).toEqual([first, second].toSorted())
  expect(order.slice(4).toSorted()).toEqual(cids.slice(2).toSorted())
})

test('a block that is missing is fetched, and its pin is as it was', async () => {
  const { mirror, first } = await withPins(5, 2)
  await using _ = mirror
  mirror.node.loseBlocks(first)
  const ran = await mirror.run({ inputs: on })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    verify: { checked: 5, whole: 5, mended: 1, missing: 0, failed: [] },
  })
  expect(ran.summary).toContain('1 CID mended')
  expect(added(ran)).toEqual([])
  expect(mirror.node.pins.get(first)).toMatchObject({ type: 'recursive', name: 'photo 0' })
  expect(read(ran).filter((cid) => cid === first)).toHaveLength(2)
})

test('what nobody has is told until somebody has it', async () => {
  const { mirror, first } = await withPins(5, 3)
  await using _ = mirror
  mirror.node.setContent(first, { ...small, ...nowhere })
  mirror.node.loseBlocks(first)
  const ran = await mirror.run({ inputs: on })
  const reason = expect.stringMatching(/^its block \S+ is missing on the node: it did not come within 2 s$/)
  expect(ran.report).toMatchObject({
    conclusion: 'failed-pins',
    verify: { checked: 5, whole: 4, mended: 0, missing: 1, corrupt: 0 },
  })
  expect(ran.report.verify?.failed).toMatchObject([
    { cid: first, name: 'photo 0', bucket: 'photos', reason, attempts: 1 },
  ])
  expect(ran.report.verify?.buckets).toMatchObject([{ cids: 5, recent: 4, never: 0, broken: 1 }])
  expect(ran.summary).toContain('### Broken on the node: 1 CID')
  expect(mirror.github.issues).toMatchObject([{ state: 'open', body: expect.stringContaining(first) }])
  expect(mirror.node.pins.get(first)).toMatchObject({ name: 'photo 0' })

  // It rests, and is still told.
  const resting = await mirror.run({ inputs: on })
  expect(read(resting)).not.toContain(first)
  expect(resting.report).toMatchObject({ conclusion: 'failed-pins', verify: { failed: [{ cid: first }] } })

  mirror.node.setContent(first, small)
  const mended = await mirror.run({ inputs: on, event: 'workflow_dispatch' })
  expect(mended.report).toMatchObject({ conclusion: 'ok', verify: { mended: 1, whole: 1, failed: [] } })
  expect(added(mended)).toEqual([])
  expect(mirror.github.issues).toMatchObject([{ state: 'closed' }])
})

test('a block that is corrupt is told with what to do, and left as it is', async () => {
  const { mirror, first } = await withPins(5, 4)
  await using _ = mirror
  mirror.node.corrupt(first)
  const ran = await mirror.run({ inputs: on })
  expect(ran.report).toMatchObject({
    conclusion: 'failed-pins',
    verify: { checked: 5, whole: 4, corrupt: 1, missing: 0 },
  })
  expect(ran.report.verify?.failed).toMatchObject([
    { cid: first, reason: expect.stringMatching(/^its block \S+ is corrupt on the node/) },
  ])
  expect(ran.summary).toContain('ipfs repo verify --heal')
  expect(mirror.github.issues[0]?.body).toContain('ipfs repo verify --heal')
  expect(commands(ran)).not.toContain('refs')
  expect(added(ran)).toEqual([])

  mirror.node.corrupt(first, false)
  const healed = await mirror.run({ inputs: on, event: 'workflow_dispatch' })
  expect(read(healed)).toEqual([first])
  expect(healed.report).toMatchObject({ conclusion: 'ok', verify: { whole: 1, mended: 0, failed: [] } })
  expect(mirror.github.issues).toMatchObject([{ state: 'closed' }])
})

test('what no time was left for comes in the next run, before all else', async () => {
  const { mirror, cids } = await withPins(6, 5)
  await using _ = mirror
  // A run reads four of them, or a few.
  mirror.node.readMs = 150
  const seen: string[] = []
  for (let runs = 1; new Set(seen).size < cids.length; runs++) {
    expect(runs).toBeLessThan(20)
    const ran = await mirror.run({ inputs: { 'verify-time': '1s' } })
    expect(ran.report).toMatchObject({ conclusion: 'ok', errors: [], warnings: [] })
    const whole = read(ran).slice(0, ran.report.verify?.whole)
    // None twice before each was read once.
    expect(whole.filter((cid) => seen.includes(cid))).toEqual([])
    seen.push(...whole)
  }
})

test('a DAG that is too long for a run is read in parts, and is whole once all of them are', async () => {
  const { mirror, first, cids } = await withPins(3, 6)
  await using _ = mirror
  const parts = new Cids(66).take(6)
  for (const part of parts) {
    mirror.node.setContent(part, { blocks: 2, bytesPerBlock: 2_000_000 })
    mirror.node.has(part)
  }
  mirror.node.setContent(first, { blocks: 1, links: parts })
  mirror.node.loseBlocks(first, 1)
  mirror.node.readMs = 200
  let runs = 0
  let verify: Ran['report']['verify'] = null
  do {
    expect(++runs).toBeLessThan(30)
    const ran = await mirror.run({ inputs: { 'verify-time': '2s' } })
    expect(ran.report).toMatchObject({ conclusion: 'ok', errors: [], warnings: [] })
    verify = ran.report.verify
    // The others are not held up.
    if (runs === 2) expect(verify?.buckets[0]?.recent).toBe(2)
  } while (verify?.buckets[0]?.recent !== 3)
  expect(runs).toBeGreaterThan(1)
  expect(cids).toHaveLength(3)
  expect(mirror.inSnapshot((db) => db.prepare('SELECT * FROM reading_part').all())).toEqual([])
})

test('where the end of the node’s answers does not come through, nothing is called whole', async () => {
  const { mirror } = await withPins(3, 7)
  await using _ = mirror
  mirror.node.dropsTrailers = true
  const ran = await mirror.run({ inputs: on })
  expect(read(ran)).toEqual([])
  expect(ran.report).toMatchObject({ conclusion: 'ok', verify: { checked: 0, buckets: [{ never: 3 }] } })
  expect(ran.report.warnings).toMatchObject([
    { where: 'verify', message: expect.stringContaining('X-Stream-Error') },
  ])
})

test('a node that does not allow it is no error', async () => {
  const { mirror } = await withPins(3, 8)
  await using _ = mirror
  mirror.node.intercept = ({ path }) =>
    path === '/api/v0/dag/export' ? { status: 403, body: '403 - Forbidden' } : undefined
  const ran = await mirror.run({ inputs: on })
  expect(ran.report).toMatchObject({ conclusion: 'ok', errors: [], verify: { checked: 0 } })
  expect(ran.report.warnings).toMatchObject([
    { where: 'verify', message: expect.stringMatching(/refuses \/api\/v0\/dag\/export.*verify-time: 0s/) },
  ])
})

test('an answer that breaks off is held against no CID; a node that gives no others is at fault', async () => {
  const { mirror, first, cids } = await withPins(20, 9)
  await using _ = mirror
  mirror.node.breakStream = ({ path, query }) =>
    path === '/api/v0/dag/export' && readBy(query) === first ? { afterLines: 2, with: 'cut' } : undefined
  const one = await mirror.run({ inputs: on })
  expect(one.report).toMatchObject({
    conclusion: 'ok',
    errors: [],
    verify: { checked: 19, whole: 19, unread: 1, failed: [] },
    warnings: [{ where: 'verify', message: expect.stringContaining('did not come to the end of 1 CID') }],
  })

  letPass(mirror, 10)
  mirror.node.breakStream = ({ path, query }) =>
    path === '/api/v0/dag/export' && cids.includes(readBy(query)) ? { afterLines: 1, with: 'cut' } : undefined
  const all = await mirror.run({ inputs: on })
  expect(all.report).toMatchObject({ conclusion: 'error', verify: { checked: 0, failed: [] } })
  expect(all.report.errors).toMatchObject([{ where: 'verify' }])
})

test('what was unpinned meanwhile is not called broken', async () => {
  const { mirror, first } = await withPins(3, 10)
  await using _ = mirror
  mirror.node.corrupt(first)
  mirror.node.intercept = ({ path, query }) => {
    if (path === '/api/v0/dag/export' && readBy(query) === first) mirror.node.pins.delete(first)
    return undefined
  }
  const ran = await mirror.run({ inputs: on })
  expect(ran.report).toMatchObject({ conclusion: 'ok', verify: { whole: 2, corrupt: 0, failed: [] } })
})

test.each<[string, Record<string, string>]>([
  ['`verify-time: 0s`', { 'verify-time': '0s' }],
  ['a dry run', { ...on, 'dry-run': 'true' }],
  ['an update', { ...on, direction: 'update' }],
  ['an inspection', { ...on, inspect: new Cids(11).next() }],
])('%s reads nothing again', async (_, inputs) => {
  const { mirror } = await withPins(3, 11)
  await using _mirror = mirror
  const ran = await mirror.run({ inputs })
  expect(commands(ran)).not.toContain('dag/export')
  expect(ran.report.verify).toBeNull()
})

test('what is known to be broken is told also by runs that read nothing, until it is pinned no longer', async () => {
  const { mirror, first } = await withPins(5, 13)
  await using _ = mirror
  mirror.node.corrupt(first)
  await mirror.run({ inputs: on })

  const ran = await mirror.run({ inputs: { 'verify-time': '0s' } })
  expect(commands(ran)).not.toContain('dag/export')
  expect(ran.report).toMatchObject({
    conclusion: 'failed-pins',
    verify: {
      checked: 0,
      bytes: 0,
      oldest: null,
      failed: [{ cid: first, class: 'corrupt-block' }],
      buckets: [],
    },
  })
  expect(ran.summary).toMatch(/^## ⚠️ 1 pinned CID is broken on the node$/m)
  expect(ran.summary).toContain('ipfs repo verify --heal')
  expect(ran.summary).not.toContain('in the last 30 days')
  expect(ran.log).toContain('1 pinned CID is broken')
  expect(ran.outputs).toMatchObject({ conclusion: 'failed-pins' })
  expect(mirror.github.issues).toMatchObject([{ state: 'open', body: expect.stringContaining(first) }])

  const dry = await mirror.run({ inputs: { ...on, 'dry-run': 'true' } })
  expect(dry.report).toMatchObject({ conclusion: 'ok', verify: { checked: 0, failed: [{ cid: first }] } })
  expect(dry.summary).toContain('### Broken on the node: 1 CID')

  mirror.node.pins.delete(first)
  const { requestid = '' } =
    mirror.service
      .bucket('photos')
      .rows()
      .find(({ cid }) => cid === first) ?? {}
  mirror.service.bucket('photos').remove(requestid)
  const after = await mirror.run({ inputs: { 'verify-time': '0s' } })
  expect(after.report).toMatchObject({ conclusion: 'ok', verify: null })
  expect(mirror.github.issues).toMatchObject([{ state: 'closed' }])
})

test('a cancelled run stops reading at once', async () => {
  const { mirror } = await withPins(30, 12)
  await using _ = mirror
  mirror.node.readMs = 60_000
  const running = mirror.start({ inputs: on })
  await until(() => mirror.node.requests.some(({ path }) => path === '/api/v0/dag/export'))
  running.kill('SIGINT')
  const ran = await running.endsInTime()
  expect(ran.report.conclusion).toBe('cancelled')
})
