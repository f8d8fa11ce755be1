import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { handOverAll } from '../../src/backup/in-bulk/hand-over-all.ts'
import type { FailedPin, MissingPin } from '../../src/backup/missing-pins.ts'
import { pinAll } from '../../src/backup/one-by-one/pin-all.ts'
import { parseCid } from '../../src/domain/cid.ts'
import { Http } from '../../src/http/http.ts'
import { Intake } from '../../src/intake.ts'
import { Cluster } from '../../src/node/cluster/cluster.ts'
import { Kubo } from '../../src/node/kubo/kubo.ts'
import type { Node, NodePin } from '../../src/node/node.ts'
import { havePeers } from '../peers/build.ts'
import { Cids } from '../sandbox/identity.ts'
import { realCluster, sandboxCluster } from './clusters.ts'
import { realNode, sandboxNode } from './nodes.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())
const never = new AbortController().signal
const cids = new Cids(17)

interface Opened extends AsyncDisposable {
  readonly node: Node
}

const kubo = async (start: typeof sandboxNode): Promise<Opened> => {
  const under = await start()
  const node = new Kubo({ http, url: new URL(under.apiUrl), authorization: undefined })
  return { node, [Symbol.asyncDispose]: () => under[Symbol.asyncDispose]() }
}
const cluster = async (start: typeof sandboxCluster): Promise<Opened> => {
  const under = await start()
  const node = new Cluster({ http, url: new URL(under.restUrl), authorization: undefined })
  return { node, [Symbol.asyncDispose]: () => under[Symbol.asyncDispose]() }
}

const nodes = [
  { name: 'Kubo of the sandbox', open: () => kubo(sandboxNode), isThere: true },
  { name: 'Kubo', open: () => kubo(() => realNode('kubo')), isThere: havePeers('kubo') },
  { name: 'IPFS Cluster of the sandbox', open: () => cluster(sandboxCluster), isThere: true },
  { name: 'IPFS Cluster', open: () => cluster(realCluster), isThere: havePeers('kubo', 'cluster') },
]

for (const { name, open, isThere } of nodes) {
  describe.skipIf(!isThere)(`a node: ${name}`, () => {
    let opened: Opened
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => {
      await opened[Symbol.asyncDispose]()
    })

    /** Brings CIDs about in the way that the node has for it. */
    const bringAbout = async (wanted: readonly string[]) => {
      const pinned: string[] = []
      const failed: FailedPin[] = []
      const results = {
        onPinned: ({ cid }: MissingPin) => pinned.push(cid.text),
        onFailed: (failure: FailedPin) => failed.push(failure),
      }
      const due = wanted.map((text, index): MissingPin => {
        const cid = parseCid(text)
        if (cid === undefined) throw new Error(`${text} is no CID`)
        return { index, cid, name: `name of ${text}`, bucket: 'main', delegates: [], size: null }
      })
      const { pinning } = opened.node
      const delegates = {
        peerFor: async () => {},
        onNewPeer: () => ({ [Symbol.dispose]: () => {} }),
        lookAgain: () => {},
      }
      const options = { concurrency: 4, stallTimeout: 8_000, attempts: 1, signal: never, inTime: never }
      const error =
        pinning.how === 'one-by-one'
          ? await pinAll(due, { node: pinning, delegates, intake: new Intake(null), ...results }, options)
          : await handOverAll(due, { node: pinning, originsOf: () => [], ...results }, options)
      return { pinned: pinned.toSorted(), failed, error }
    }
    const list = async () => {
      const pins = new Map<string, NodePin>()
      for await (const pin of opened.node.listPins({ names: true, signal: never })) pins.set(pin.cid, pin)
      return pins
    }

    test('says what it is, with addresses that end in a peer ID', async () => {
      const { version, addresses } = await opened.node.identify(never)
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
      expect(addresses.length).toBeGreaterThan(0)
      for (const address of addresses) expect(address).toMatch(/\/p2p\/\w+$/)
    })

    test('pins what it is to pin, lists it by name, and knows how it is pinned', async () => {
      const wanted = cids.take(5, 'identity').toSorted()
      expect(await bringAbout(wanted)).toEqual({ pinned: wanted, failed: [], error: null })
      const pins = await list()
      for (const cid of wanted)
        expect(pins.get(cid)).toMatchObject({ name: `name of ${cid}`, standing: 'pinned' })
      const [first = ''] = wanted
      const cid = parseCid(first)
      if (cid === undefined) throw new Error('it is no CID')
      expect(await opened.node.howPinned(cid, never)).toMatchObject({
        type: 'recursive',
        name: `name of ${first}`,
      })
    })

    test('finds pinned what it has already', async () => {
      const wanted = cids.take(3, 'identity').toSorted()
      await bringAbout(wanted)
      const before = await list()
      expect(await bringAbout(wanted)).toEqual({ pinned: wanted, failed: [], error: null })
      expect(await list()).toEqual(before)
    })

    test('knows nothing of what it never had', async () => {
      const cid = parseCid(cids.next('identity'))
      if (cid === undefined) throw new Error('it is no CID')
      expect((await list()).has(cid.text)).toBe(false)
      expect((await opened.node.howPinned(cid, never)).type).toBe('none')
    })

    test('gives up what nobody has, with a reason, and goes on with the others', async () => {
      const nobodys = new Cids(99).next('raw')
      const other = cids.next('identity')
      const { pinned, failed, error } = await bringAbout([nobodys, other])
      expect(error).toBe(null)
      expect(pinned).toEqual([other])
      expect(failed).toMatchObject([
        { entry: { cid: { text: nobodys } }, reason: expect.stringMatching(/\w/) },
      ])
      expect((await list()).get(nobodys)?.standing).not.toBe('pinned')
    })
  })
}
