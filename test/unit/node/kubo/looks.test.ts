import { afterAll, describe, expect, test } from 'vitest'
import { type PinCid, parseCid } from '../../../../src/domain/cid.ts'
import { Http } from '../../../../src/http/http.ts'
import { Kubo } from '../../../../src/node/kubo/kubo.ts'
import { Cids } from '../../../sandbox/identity.ts'
import { nowhere, type SandboxKubo, startKubo } from '../../../sandbox/kubo.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const never = new AbortController().signal
const alice = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const cids = new Cids(51)

function cidOf(text: string): PinCid {
  const cid = parseCid(text)
  if (cid === undefined) throw new Error(`${text} does not parse`)
  return cid
}

const nodeOf = (server: SandboxKubo) => new Kubo({ http, url: new URL(server.url), authorization: undefined })
const lateAfter = (seconds: string) => `the node had not found out after ${seconds} s`
const late = lateAfter('0.2')

// What the contract tests see of the real Kubo as well is not repeated here.
describe('a look that does not end', () => {
  test('leaves it unknown whether a CID is pinned indirectly', async () => {
    await using server = await startKubo()
    server.intercept = ({ query }) => (query.get('type') === 'indirect' ? 'hang' : undefined)
    const how = await nodeOf(server).howPinned(cidOf(cids.next()), never, 200)
    expect(how).toEqual({ type: 'unknown', name: null, reason: late })
  })

  test('is not waited for where a recursive or direct pin is found', async () => {
    await using server = await startKubo()
    server.intercept = ({ query }) => (query.get('type') === 'indirect' ? 'hang' : undefined)
    const { v0, v1 } = cids.bothVersions()
    server.pin(v0, { type: 'direct', name: 'v0' })
    const node = nodeOf(server)
    expect(await node.howPinned(cidOf(v1), never)).toMatchObject({ type: 'direct', name: 'v0' })
    server.pin(v1, { name: 'v1' })
    expect(await node.howPinned(cidOf(v0), never)).toMatchObject({ type: 'recursive', name: 'v1' })
  })

  test('gives the providers that were found until then', async () => {
    await using server = await startKubo()
    const cid = cids.next()
    const addresses = Array.from({ length: 500 }, (_, port) => `/ip4/203.0.113.5/tcp/${port + 1}`)
    server.setProviders(cid, [{ peerId: alice, addresses }])
    server.routing.ends = false
    const { peers, reason } = await nodeOf(server).providers(cidOf(cid), never, 3000)
    expect(peers).toEqual([{ peerId: alice, addrs: addresses.slice(0, 20) }])
    expect(reason).toBe(lateAfter('3'))
  })

  test('gives no size where the node is silent', async () => {
    await using server = await startKubo({ otherwise: nowhere })
    server.intercept = ({ path }) => (path.endsWith('dag/stat') ? 'hang' : undefined)
    const size = await nodeOf(server).localSize(cidOf(cids.next()), never, 200)
    expect(size).toEqual({ isWhole: false, bytes: 0, blocks: 0, reason: late })
  })

  test("ends with the caller's signal", async () => {
    await using server = await startKubo()
    server.intercept = () => 'hang'
    const node = nodeOf(server)
    const cid = cidOf(cids.next())
    const looks = [
      node.howPinned(cid, AbortSignal.timeout(50)),
      node.localSize(cid, AbortSignal.timeout(50)),
      node.providers(cid, AbortSignal.timeout(50)),
    ]
    for (const look of looks) await expect(look).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})

test.each(['pin/ls', 'dag/stat', 'routing/findprovs'])(
  'takes no answer to %s that is not Kubo’s',
  async (path) => {
    await using server = await startKubo()
    server.intercept = () => ({ status: 200, body: '{"hello":"world"}\n' })
    const cid = cidOf(cids.next())
    const node = nodeOf(server)
    const looks = {
      'pin/ls': () => node.howPinned(cid, never),
      'dag/stat': () => node.localSize(cid, never),
      'routing/findprovs': () => node.providers(cid, never),
    }
    const failure = looks[path as keyof typeof looks]()
    await expect(failure).rejects.toMatchObject({ name: 'NodeError', fault: 'bad-answer' })
    await expect(failure).rejects.toThrow(`/api/v0/${path}`)
  },
)

test('shows no name that is the CID itself', async () => {
  await using server = await startKubo()
  const { v0, v1 } = cids.bothVersions()
  server.pin(v0, { name: v1 })
  expect(await nodeOf(server).howPinned(cidOf(v1), never)).toMatchObject({ type: 'recursive', name: null })
})
