import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PinCid, parseCid } from '../../src/domain/cid.ts'
import { PinError } from '../../src/errors.ts'
import { Http } from '../../src/http/http.ts'
import { Kubo } from '../../src/node/kubo/kubo.ts'
import type { VerifyingNode } from '../../src/node/node.ts'
import { Cids } from '../sandbox/identity.ts'
import { kubos } from './kubos.ts'
import { type NodeUnderTest, realNode, sandboxNode } from './nodes.ts'
import { rpc } from './rpc.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())
const never = new AbortController().signal

const peers = kubos(sandboxNode, realNode)

const other = new Cids(97).next('raw')

for (const { peer, start, isThere } of peers) {
  describe.skipIf(!isThere)(`verifying what is on ${peer}`, () => {
    let under: NodeUnderTest
    let node: VerifyingNode
    let file: PinCid
    const pinned = async () =>
      (await rpc(under.apiUrl, `pin/ls?arg=${file.text}&type=recursive&names=true`)).lines
    beforeAll(async () => {
      under = await start()
      node = new Kubo({ http, url: new URL(under.apiUrl), authorization: undefined }).verifying
      file = parseCid(under.file.cid) ?? expect.fail('no CID')
      await rpc(under.apiUrl, `swarm/connect?arg=${under.friend.address}`)
      await rpc(under.apiUrl, `pin/add?arg=${file.text}&name=kept`)
      await under.loseFriend()
    })
    afterAll(async () => {
      await under[Symbol.asyncDispose]()
    })

    const read = async (cid = file) => {
      let bytes = 0
      const found = await node.readWhole(cid, {
        onBytes: (more) => {
          bytes += more
        },
        signal: never,
      })
      return { ...found, bytes }
    }
    const fetch = (signal = never) => {
      let blocks = 0
      const onBlock = () => {
        blocks++
      }
      return node.fetchMissing(file, { onBlock, signal }).then(() => blocks)
    }

    test('what is whole is read to its end, every block of it', async () => {
      const { how, bytes } = await read()
      expect(how).toBe('whole')
      expect(bytes).toBeGreaterThan(4 * 1024)
    })

    test('its first block says what comes below', async () => {
      expect(await node.links(file, never)).toHaveLength(under.file.blocks - 1)
    })

    test('that a block is missing is heard', async () => {
      expect(await node.isHeard(never)).toBe(true)
    })

    test('what was never there is missing, and names its block', async () => {
      const cid = parseCid(new Cids(99).next('raw')) as PinCid
      expect(await read(cid)).toMatchObject({ how: 'missing', block: cid.text })
      expect(await node.links(cid, never)).toBeUndefined()
    })

    test.each([
      'plain',
      'closed',
      'context canceled',
      'say "no": context canceled',
      `could not find ${other}`,
      `ipld: could not find ${other}"`,
    ])('a block that is missing is found and named under whatever key: %s', async (key) => {
      const missing = new Cids(98).next('raw')
      const cid = linkUnder(key, missing)
      under.setUnreadable(
        cid.text,
        `walk failed: error traversing node at ${JSON.stringify(key)}: could not load link "${missing}": block was not found locally (offline): ipld: could not find ${missing} (currently offline, perhaps retry without the offline flag)`,
      )
      expect(await read(cid)).toMatchObject({ how: 'missing', block: missing })
    })

    test('a block that is missing is found and named, and the pin stands', async () => {
      await under.loseBlock()
      expect(await read()).toMatchObject({ how: 'missing', block: expect.stringMatching(/^baf/) })
      expect(await pinned()).toMatchObject([{ Keys: { [file.text]: { Name: 'kept' } } }])
    })

    test('where nobody has it, it is waited for until it is given up', async () => {
      const patience = AbortSignal.timeout(1_000)
      await expect(fetch(patience)).rejects.toBe(await aborted(patience))
    })

    test('somebody who has it gives it, and the pin is as it was', async () => {
      await rpc(under.apiUrl, `swarm/connect?arg=${under.friend.address}`)
      expect(await fetch()).toBe(under.file.blocks - 1)
      await under.loseFriend()
      expect(await read()).toMatchObject({ how: 'whole' })
      expect(await pinned()).toMatchObject([{ Keys: { [file.text]: { Name: 'kept' } } }])
    })

    test('a block that is corrupt is found and named, and fetching changes nothing', async () => {
      await under.corruptBlock()
      const corrupt = { how: 'corrupt', block: expect.stringMatching(/^baf/) }
      expect(await read()).toMatchObject(corrupt)
      expect(await fetch()).toBe(under.file.blocks - 1)
      expect(await read()).toMatchObject(corrupt)
    })

    test('a first block that is corrupt is found and named', async () => {
      const cid = parseCid(await under.corruptFirst()) ?? expect.fail('no CID')
      expect(await read(cid)).toMatchObject({ how: 'corrupt', block: cid.text })
    })

    test('what is no CID to it is refused in its words', async () => {
      const odd = { ...file, text: 'no-cid' }
      await expect(node.fetchMissing(odd, { onBlock: () => {}, signal: never })).rejects.toThrow(PinError)
    })
  })
}

async function aborted(signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
  return signal.reason
}

/** A dag-cbor map of one key, which links to a CID, in an identity multihash. */
function linkUnder(key: string, to: string): PinCid {
  const name = Buffer.from(key)
  const length = name.length < 24 ? [0x60 + name.length] : [0x78, name.length]
  const head = [0xa1, ...length, ...name, 0xd8, 0x2a, 0x58, 0x25, 0x00]
  const block = Uint8Array.from([...head, ...CID.parse(to).bytes])
  return parseCid(CID.createV1(0x71, identity.digest(block)).toString()) ?? expect.fail('no CID')
}
