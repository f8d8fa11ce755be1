import { setTimeout as sleep } from 'node:timers/promises'
import { rpc, rpcUntil } from '../contract/rpc.ts'
import { Kubo } from '../peers/kubo.ts'
import { Cids, peerIds } from '../sandbox/identity.ts'
import { nowhere, startKubo } from '../sandbox/kubo.ts'
import { publicAddresses } from './namespace.ts'

/** Whether a node got what a peer at a public address has, by what it was told of the peer, and when. */
export interface Asked {
  readonly connected: boolean
  readonly peeredThenPinned: boolean
  readonly peeredWhileWaiting: boolean
  readonly peeredThenConnectedWhileWaiting: boolean
}

/** Peers of a node, each with a CID of its own. */
interface Peers extends AsyncDisposable {
  readonly apiUrl: string
  readonly peers: readonly { readonly address: string; readonly cid: string }[]
}

/**
 * A node writes a line every half second. A block that comes takes some hundredths of a second: what is not to come is
 * waited for shortly, and what is to come for longer, as the machine may be busy.
 */
const mostLines = { forNothing: 6, forABlock: 40 }
const isPinned = (line: string) => line.includes('Pins')

const found = {
  sandbox: await lookAt(await sandboxPeers()),
  kubo: await lookAt(await realPeers()),
}
console.log(JSON.stringify(found))

async function lookAt(node: Peers): Promise<Asked> {
  await using _ = node
  const [one, two] = node.peers
  if (one === undefined || two === undefined) throw new Error('two peers are needed')
  const ask = (command: string) => rpc(node.apiUrl, command)
  // One that waited for the same CID has just been given up: once, on a busy machine, the next one was not told of the
  // block either. The mirror asks again in its next round.
  const pinAnew = async (cid: string) => {
    for (let tries = 1; tries <= 3; tries++) if (await pin(cid, mostLines.forABlock)) return true
    return false
  }
  const pin = async (cid: string, lines: number) => {
    const isAnswer = (told: readonly string[]) => told.length >= lines || told.some(isPinned)
    return (await rpcUntil(node.apiUrl, `pin/add?arg=${cid}&progress=true`, isAnswer)).some(isPinned)
  }
  await ask(`swarm/connect?arg=${one.address}`)
  const connected = await pin(one.cid, mostLines.forNothing)
  const waiting = pin(one.cid, mostLines.forNothing)
  await sleep(500)
  await ask(`swarm/peering/add?arg=${one.address}`)
  const peeredWhileWaiting = await waiting
  const peeredThenPinned = await pinAnew(one.cid)
  const waitingToo = pin(two.cid, mostLines.forABlock)
  await sleep(500)
  await ask(`swarm/peering/add?arg=${two.address}`)
  await ask(`swarm/connect?arg=${two.address}`)
  const peeredThenConnectedWhileWaiting = await waitingToo
  return { connected, peeredThenPinned, peeredWhileWaiting, peeredThenConnectedWhileWaiting }
}

async function sandboxPeers(): Promise<Peers> {
  const kubo = await startKubo({ otherwise: nowhere })
  const cids = new Cids(5)
  const peers = peerIds(2).map((peer, index) => {
    const cid = cids.next()
    kubo.setContent(cid, { peer })
    return { address: `/ip4/${publicAddresses[index]}/tcp/4001/p2p/${peer}`, cid }
  })
  return { apiUrl: kubo.url, peers, [Symbol.asyncDispose]: () => kubo[Symbol.asyncDispose]() }
}

async function realPeers(): Promise<Peers> {
  await using things = new AsyncDisposableStack()
  const start = async (address: string) =>
    things.use(await Kubo.start({ 'Addresses.Swarm': [`/ip4/${address}/tcp/4001`] }))
  const [first, second, own] = publicAddresses
  const node = await start(own)
  const peers = []
  for (const address of [first, second]) {
    const kubo = await start(address)
    const cid = (await kubo.add({ file: `at ${address}` }, { pin: true })).get('file') ?? ''
    peers.push({ address: kubo.addresses[0] ?? '', cid })
  }
  const kept = things.move()
  return { apiUrl: node.apiUrl, peers, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
