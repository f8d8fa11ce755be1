import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { GatewayProxy, type Manner } from '../peers/gateway.ts'
import { Kubo } from '../peers/kubo.ts'
import { Mirror, type Ran } from '../scenarios/mirror.ts'
import { rpc } from './rpc.ts'

const withGateway = { 'Addresses.Gateway': '/ip4/127.0.0.1/tcp/0', 'Gateway.NoFetch': true }

describe.skipIf(!havePeers('kubo'))('content that only a real gateway gives', () => {
  let node: Kubo
  let holder: Kubo
  let gateway: GatewayProxy
  let mirror: Mirror
  let kept: string
  beforeAll(async () => {
    ;[node, holder] = await Promise.all([Kubo.start(), Kubo.start(withGateway)])
    gateway = await GatewayProxy.before(await holder.gatewayUrl())
    kept = (await node.add({ kept: randomBytes(5_000) })).get('kept') ?? ''
    await node.rpc('pin/add', { arg: kept, name: 'kept' })
  })
  beforeEach(async () => {
    await mirror?.[Symbol.asyncDispose]()
    mirror = await Mirror.start({ service: { delegates: () => [] } })
    gateway.manner = 'honest'
    gateway.asked.length = 0
  })
  afterAll(async () => {
    for (const one of [mirror, gateway, node, holder]) await one[Symbol.asyncDispose]()
  })

  /** A file of some blocks that the holder has, and the service says that it has. */
  const file = async (name: string) => {
    const cid =
      (await holder.add({ [name]: randomBytes(20_000) }, { blockSize: 1024, pin: true })).get(name) ?? ''
    mirror.service.bucket('photos').add({ cid, name })
    return cid
  }
  const run = (inputs: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    mirror.run({
      inputs: {
        'node-url': node.apiUrl,
        gateways: gateway.url,
        'stall-timeout': '4s',
        attempts: '1',
        ...inputs,
      },
    })

  test('is fetched as a CAR once the peers were tried, and pinned with its name', async () => {
    const cid = await file('by gateway')
    const ran = await run()
    expect(ran.report).toMatchObject({
      conclusion: 'ok',
      backup: { missing: 1, pinned: [{ cid, name: 'by gateway' }], failed: [] },
    })
    expect((await node.pins()).get(cid)).toBe('by gateway')
    expect(gateway.asked).toEqual([
      { path: `/ipfs/${cid}?format=car&dag-scope=all`, accept: 'application/vnd.ipld.car' },
    ])
  })

  test('mends a pin, whose name stays', async () => {
    const cid = await file('mended')
    await run()
    const [leaf = ''] = (await holder.rpc('refs', { arg: cid })).split('\n')
    await node.lose((JSON.parse(leaf) as { Ref: string }).Ref)
    const ran = await run({ 'verify-time': '60s' })
    expect(ran.report).toMatchObject({ conclusion: 'ok', verify: { checked: 1, mended: 1, failed: [] } })
    expect((await node.pins()).get(cid)).toBe('mended')
    const { status, trailers } = await rpc(node.apiUrl, `dag/export?arg=${cid}&offline=true`)
    expect({ status, trailers }).toEqual({ status: 200, trailers: {} })
  })

  test('a gateway that wants a rest gets it', async () => {
    const cid = await file('later')
    gateway.manner = 'limits'
    const ran = await run()
    expect(ran.report).toMatchObject({ conclusion: 'ok', backup: { pinned: [{ cid }] } })
    expect(gateway.asked.length).toBe(3)
  })

  test.each<[Manner, RegExp | undefined]>([
    ['alters', /left alone for the rest of this run: the node refuses what it gives: .*mismatch/],
    ['cuts', undefined],
    ['hangs', /too slow for 1 CID, and given up for that: less than 1 MB more came within 4 s/],
    ['is silent', undefined],
  ])('a gateway that %s harms nothing', async (manner, warning) => {
    const cid = await file(`of one that ${manner}`)
    gateway.manner = manner
    const before = await node.pins()
    const ran = await run()
    expect(ran.report).toMatchObject({
      conclusion: 'failed-pins',
      errors: [],
      backup: { missing: 1, pinned: [], failed: [{ cid, class: 'no-block' }] },
    })
    expect(ran.report.warnings.map(({ message }) => message)).toEqual(
      warning === undefined ? [] : [expect.stringMatching(warning)],
    )
    expect(await node.pins()).toEqual(before)

    // The next one is honest, and a person starts the run.
    gateway.manner = 'honest'
    const next = await mirror.run({
      inputs: { 'node-url': node.apiUrl, gateways: gateway.url, 'stall-timeout': '4s', attempts: '1' },
      event: 'workflow_dispatch',
    })
    expect(next.report).toMatchObject({ conclusion: 'ok', backup: { pinned: [{ cid }] } })
    expect((await node.pins()).get(kept)).toBe('kept')
  })

  test('what a gateway does not have stays failed as it was', async () => {
    const cid = await file('gone')
    await holder.rpc('pin/rm', { arg: cid })
    await holder.rpc('repo/gc')
    const ran = await run()
    expect(ran.report).toMatchObject({
      conclusion: 'failed-pins',
      warnings: [],
      backup: { failed: [{ cid, reason: expect.stringContaining('no block of it came') }] },
    })
  })
})
