import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type SandboxGateway, startGateway } from '../sandbox/gateway.ts'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { added, Mirror } from './mirror.ts'

const content = { blocks: 3, bytesPerBlock: 1000 }
/** Of one CAR: its header, and the blocks. */
const carSize = 59 + 3000

/** A mirror whose service has CIDs that no peer gives, and gateways that have all of them. */
async function withGateways(count: number, { seed, gateways = 1 }: { seed: number; gateways?: number }) {
  await using things = new AsyncDisposableStack()
  const mirror = things.use(await Mirror.start({ service: { delegates: () => [] } }))
  const cids = new Cids(seed).take(count)
  for (const [index, cid] of cids.entries()) {
    mirror.node.setContent(cid, { ...content, ...nowhere })
    mirror.service.bucket('photos').add({ cid, name: `photo ${index}`, size: 3000 })
  }
  const all: SandboxGateway[] = []
  for (let nth = 0; nth < gateways; nth++)
    all.push(things.use(await startGateway((cid) => mirror.node.carOf(cid))))
  const inputs = { gateways: all.map(({ url }) => url).join('\n') }
  const kept = things.move()
  const [first] = all as [SandboxGateway]
  return { mirror, cids, inputs, all, first, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

test('what no peer gives comes from a gateway, some at a time, and is pinned with its name', async () => {
  await using set = await withGateways(20, { seed: 1 })
  const { mirror, cids, inputs, first } = set
  let [now, most] = [0, 0]
  first.intercept = () => {
    most = Math.max(most, ++now)
    void sleep(100).then(() => now--)
    return { delayMs: 100 }
  }
  const ran = await mirror.run({ inputs: { ...inputs, 'node-authorization': 'bearer:only-for-the-node' } })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    warnings: [],
    backup: { missing: 20, pinned: { length: 20 }, failed: [] },
    storage: { fetched: 20 * carSize, stoppedBy: null },
  })
  for (const [index, cid] of cids.entries())
    expect(mirror.node.pins.get(cid)).toMatchObject({ type: 'recursive', name: `photo ${index}` })
  expect(most).toBeLessThanOrEqual(4)
  expect(first.requests.map(({ path }) => path).toSorted()).toEqual(
    cids.map((cid) => `/ipfs/${cid}`).toSorted(),
  )
  for (const { headers } of first.requests) {
    expect(headers).not.toHaveProperty('authorization')
    expect(JSON.stringify(headers)).not.toMatch(/only-for-the-node|ghs_|secret/)
  }
  // Each was tried with the peers before the first gateway was asked.
  const imports = ran.asked.node.findIndex(({ path }) => path.endsWith('/dag/import'))
  const before = ran.asked.node.slice(0, imports).filter(({ path }) => path.endsWith('/pin/add'))
  expect(before.length).toBeGreaterThanOrEqual(20)
})

test('a gateway that alters a byte is said to, and left alone; the next one is asked', async () => {
  await using set = await withGateways(6, { seed: 2, gateways: 2 })
  const { mirror, cids, inputs, all, first } = set
  first.intercept = ({ path }) => {
    const car = mirror.node.carOf(path.slice('/ipfs/'.length))
    car[car.length - 1] = 1
    return { status: 200, body: car }
  }
  const ran = await mirror.run({ inputs })
  expect(ran.report).toMatchObject({ conclusion: 'ok', backup: { pinned: { length: 6 } } })
  expect(ran.report.warnings).toMatchObject([
    {
      where: `gateway ${new URL(first.url).host}`,
      message: expect.stringMatching(
        /left alone for the rest of this run: the node refuses what it gives: .*mismatch/,
      ),
    },
  ])
  expect(ran.summary).toContain('left alone for the rest of this run')
  // Those that were on their way to it.
  expect(first.requests.length).toBeLessThanOrEqual(4)
  expect(all[1]?.requests).toHaveLength(cids.length)
})

test('what a gateway gives counts for `max-bytes`: what was fetched is pinned, and no more is asked for', async () => {
  await using set = await withGateways(9, { seed: 3 })
  const { mirror, inputs, first } = set
  const ran = await mirror.run({ inputs: { ...inputs, 'max-bytes': '9000B' } })
  const { backup, storage } = ran.report
  expect(storage).toMatchObject({ stoppedBy: 'max-bytes' })
  const asked = first.requests.length
  expect(asked).toBeGreaterThan(0)
  expect(asked).toBeLessThan(9)
  expect(storage?.fetched).toBe(asked * carSize)
  expect(backup?.pinned).toHaveLength(asked)
  expect(backup?.failed).toHaveLength(9 - asked)
})

test('a gateway that gives far more than the content has is not read to its end', async () => {
  await using set = await withGateways(1, { seed: 4 })
  const { mirror, cids, inputs, first } = set
  const car = mirror.node.carOf(cids[0] ?? '')
  first.intercept = () => ({ status: 200, body: forEver(car) })
  const ran = await mirror.run({ inputs })
  expect(ran.report).toMatchObject({ conclusion: 'failed-pins', errors: [], backup: { pinned: [] } })
})

async function* forEver(car: Uint8Array): AsyncGenerator<Uint8Array> {
  yield car
  const zeros = new Uint8Array(1024 * 1024)
  for (;;) yield zeros
}

test('a gateway that gives in drips is given up and said to be slow; the next one gives all of them', async () => {
  await using set = await withGateways(6, { seed: 6, gateways: 2 })
  const { mirror, inputs, first } = set
  first.intercept = ({ path }) => ({
    status: 200,
    body: inDrips(mirror.node.carOf(path.slice('/ipfs/'.length))),
  })
  const ran = await mirror.run({ inputs: { ...inputs, 'stall-timeout': '4s', 'time-limit': '60s' } })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    backup: { pinned: { length: 6 }, failed: [] },
    warnings: [
      {
        where: `gateway ${new URL(first.url).host}`,
        message: expect.stringMatching(/less than 1 MB more came within 4 s/),
      },
    ],
  })
})

/** So much that it never ends within `time-limit`, and never for long without anything. */
async function* inDrips(car: Uint8Array): AsyncGenerator<Uint8Array> {
  yield car
  for (;;) {
    await sleep(1_000)
    yield new Uint8Array(128 * 1024)
  }
}

test('a missing block that no peer gives comes from a gateway, and its pin is as it was', async () => {
  await using set = await withGateways(1, { seed: 5 })
  const { mirror, cids, inputs } = set
  const [cid = ''] = cids
  mirror.node.pin(cid, { name: 'kept' })
  mirror.node.loseBlocks(cid)
  const ran = await mirror.run({ inputs: { ...inputs, 'verify-time': '60s' } })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    warnings: [],
    verify: { checked: 1, whole: 1, mended: 1, fetched: carSize, failed: [] },
  })
  expect(ran.summary).toContain('1 CID mended')
  expect(mirror.node.pins.get(cid)).toMatchObject({ name: 'kept' })
  expect(added(ran)).toEqual([])
})
