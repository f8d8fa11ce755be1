import { afterAll, expect, test } from 'vitest'
import { type PinCid, parseCid } from '../../../src/domain/cid.ts'
import { Gateways } from '../../../src/gateways/gateways.ts'
import { Http } from '../../../src/http/http.ts'
import { Intake } from '../../../src/intake.ts'
import { Kubo } from '../../../src/node/kubo/kubo.ts'
import { type SandboxGateway, startGateway } from '../../sandbox/gateway.ts'
import { Cids } from '../../sandbox/identity.ts'
import { startKubo } from '../../sandbox/kubo.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())
const never = new AbortController().signal

/** Late, where 4 s are waited for, and well before they are over. */
const late = { status: 504, delayMs: 2_100 }

async function start({
  seed,
  many,
  stallTimeout = 4_000,
}: {
  seed: number
  many: number
  stallTimeout?: number
}) {
  await using things = new AsyncDisposableStack()
  const kubo = things.use(await startKubo({ otherwise: { blocks: 3, bytesPerBlock: 1000 } }))
  const servers: SandboxGateway[] = []
  for (let nth = 0; nth < many; nth++) servers.push(things.use(await startGateway((cid) => kubo.carOf(cid))))
  const urls = servers.map(({ url }) => new URL(url))
  const gateways = things.use(new Gateways(urls, { http, intake: new Intake(null), stallTimeout }))
  const node = new Kubo({ http, url: new URL(kubo.url), authorization: undefined }).importing
  const cids = new Cids(seed)
  const kept = things.move()
  return {
    servers,
    gateways,
    fetch: () => gateways.fetch({ cid: parseCid(cids.next()) as PinCid, size: null }, node, never),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

test('a gateway that is late with four noes in a row is waited for with less patience, until it gives one', async () => {
  await using set = await start({ seed: 1, many: 1 })
  const [gateway] = set.servers as [SandboxGateway]
  gateway.intercept = () => late
  const noes = await Promise.all([set.fetch(), set.fetch(), set.fetch(), set.fetch()])
  expect(noes).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/status 504$/)))
  gateway.intercept = () => 'hang'
  expect(await set.fetch()).toMatch(/nothing came within 2 s$/)
  gateway.intercept = undefined
  expect(await set.fetch()).toBeUndefined()
  gateway.intercept = () => 'hang'
  expect(await set.fetch()).toMatch(/nothing came within 4 s$/)
  expect(set.gateways.takeProblems()).toEqual([])
})

test('one that is late with four noes in a row is asked after the others', async () => {
  await using set = await start({ seed: 2, many: 2 })
  const [first, second] = set.servers as [SandboxGateway, SandboxGateway]
  first.intercept = () => late
  second.intercept = () => ({ status: 404 })
  await Promise.all([set.fetch(), set.fetch(), set.fetch(), set.fetch()])
  expect([first.requests.length, second.requests.length]).toEqual([4, 4])
  second.intercept = undefined
  expect(await set.fetch()).toBeUndefined()
  expect([first.requests.length, second.requests.length]).toEqual([4, 5])
})

test('one that says nothing holds no more than its share: what comes after that is had of the other at once', async () => {
  await using set = await start({ seed: 3, many: 2, stallTimeout: 60_000 })
  const [first, second] = set.servers as [SandboxGateway, SandboxGateway]
  const gone = Promise.withResolvers<void>()
  async function* silence() {
    yield ''
    await gone.promise
  }
  first.intercept = () => ({ status: 200, body: silence() })
  const held = [set.fetch(), set.fetch()]
  await Promise.all(Array.from({ length: 6 }, set.fetch))
  expect([first.requests.length, second.requests.length]).toEqual([2, 6])
  gone.resolve()
  await Promise.all(held)
})
