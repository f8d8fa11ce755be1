import './hurried.ts'
import { describe, expect, test } from 'vitest'
import { type SandboxGateway, startGateway } from '../sandbox/gateway.ts'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { Box } from './box.ts'
import { type FaultName, faults, harm, heal } from './faults.ts'

const names = Object.keys(faults) as FaultName[]
/** A rest that is longer than `stall-timeout`, or that has no end, is not waited for: the gateway is left alone. */
const wantsRest = (fault: FaultName) => fault.startsWith('429') || fault === '503 with Retry-After'
const isTold = (fault: FaultName) => wantsRest(fault) || fault === 'silence after half of an answer'

const content = { blocks: 3, bytesPerBlock: 1000 }

/** The bucket has a CID that no peer has, and a gateway does. */
async function start(): Promise<{ box: Box; gateway: SandboxGateway; cid: string }> {
  const box = await Box.start({ delegates: () => [] })
  const [cid = '', own = ''] = new Cids(1).take(2)
  box.node.setContent(cid, { ...content, ...nowhere })
  box.photos.add({ cid, name: 'rare', size: 3000 })
  box.node.pin(own, { name: 'own' })
  const gateway = await startGateway((wanted) => (wanted === cid ? box.node.carOf(cid) : undefined))
  return { box, gateway, cid }
}

/** In drips, all of the content has to come within `stall-timeout`: there is room for a busy machine. */
const inputsOf = (gateway: SandboxGateway, fault?: FaultName) => ({
  'stall-timeout': fault === 'an answer in drips' ? '40s' : '4s',
  attempts: '1',
  'verify-time': '0s',
  gateways: gateway.url,
})

async function expectNothing(
  box: Box,
  { cid, report }: { cid: string; report: Awaited<ReturnType<Box['run']>> },
) {
  expect(report).toMatchObject({
    conclusion: 'failed-pins',
    errors: [],
    backup: { pinned: [], failed: [{ cid, class: 'no-block' }] },
  })
  expect(box.node.pins.has(cid)).toBe(false)
}

async function expectPinned(box: Box, gateway: SandboxGateway, cid: string): Promise<void> {
  await Promise.all([heal(box.node), heal(gateway)])
  const report = await box.run({ inputs: inputsOf(gateway), isManual: true })
  expect(report).toMatchObject({ conclusion: 'ok', errors: [], warnings: [], backup: { pinned: [{ cid }] } })
  expect(box.node.pins.get(cid)).toMatchObject({ name: 'rare' })
  expect(box.count('failure')).toBe(0)
}

describe('whenever a gateway is asked', () => {
  test.each(names)('%s: nothing is harmed, and a later run pins it', async (fault) => {
    const { box, gateway, cid } = await start()
    await using _box = box
    await using _gateway = gateway
    await harm(gateway, fault)
    const report = await box.run({ inputs: inputsOf(gateway, fault) })
    if (fault === 'an answer in drips')
      expect(report).toMatchObject({ conclusion: 'ok', errors: [], backup: { pinned: [{ cid }] } })
    else await expectNothing(box, { cid, report })
    expect(report.warnings.map(({ where }) => where)).toEqual(
      isTold(fault) ? [`gateway ${new URL(gateway.url).host}`] : [],
    )
    expect(gateway.requests.every(({ path }) => path === `/ipfs/${cid}`)).toBe(true)
    if (!box.node.pins.has(cid)) await expectPinned(box, gateway, cid)
  })
})

/** What may go well when it is asked again at once. */
const passing: readonly FaultName[] = [
  'a connection that is reset',
  'a connection that is closed',
  'an answer in drips',
  '503 with Retry-After',
  '429 with seconds',
  '429 with a date that has passed',
  '429 with negative seconds',
  '429 with words',
  '429 with nothing',
]

describe('the first time that a gateway is asked', () => {
  test.each(passing)('%s: it is asked again', async (fault) => {
    const { box, gateway, cid } = await start()
    await using _box = box
    await using _gateway = gateway
    await harm(gateway, fault, { most: 1 })
    const report = await box.run({ inputs: inputsOf(gateway, fault) })
    expect(report).toMatchObject({
      conclusion: 'ok',
      warnings: [],
      backup: { pinned: [{ cid }] },
      storage: { fetched: box.node.carOf(cid).length },
    })
  })
})

const isImport = ({ path }: { path: string }) => path.endsWith('/dag/import')

describe('whenever the node is given what a gateway has', () => {
  test.each(names.filter((fault) => fault !== 'refused connections'))(
    '%s: nothing is harmed, and a later run pins it',
    async (fault) => {
      const { box, gateway, cid } = await start()
      await using _box = box
      await using _gateway = gateway
      await harm(box.node, fault, { isHit: isImport })
      const report = await box.run({ inputs: inputsOf(gateway, fault) })
      // All of an answer that says nothing is also in its half.
      if (fault === 'an answer in drips' || fault === 'half of an answer')
        expect(report).toMatchObject({ conclusion: 'ok', backup: { pinned: [{ cid }] } })
      else await expectNothing(box, { cid, report })
      const isRefused = fault === '401' || fault === '403'
      expect(report.warnings.map(({ where }) => where)).toEqual(isRefused ? ['gateways'] : [])
      if (!box.node.pins.has(cid)) await expectPinned(box, gateway, cid)
    },
  )
})

test('a disk that is full is nobody’s fault: no gateway is asked any more, and no CID blamed anew', async () => {
  const { box, gateway, cid } = await start()
  await using _box = box
  await using _gateway = gateway
  box.node.isFull = true
  const report = await box.run({ inputs: { ...inputsOf(gateway) } })
  await expectNothing(box, { cid, report })
  expect(report.warnings).toMatchObject([
    { where: 'gateways', message: expect.stringContaining('no space left on device') },
  ])
  box.node.isFull = false
  await expectPinned(box, gateway, cid)
})
