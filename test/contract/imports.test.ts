import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PinCid, parseCid } from '../../src/domain/cid.ts'
import { Http } from '../../src/http/http.ts'
import { Kubo } from '../../src/node/kubo/kubo.ts'
import { kubos } from './kubos.ts'
import { type NodeUnderTest, realNode, sandboxNode } from './nodes.ts'
import { rpc } from './rpc.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())
const never = new AbortController().signal

const peers = kubos(sandboxNode, realNode)

for (const { peer, start, isThere } of peers) {
  describe.skipIf(!isThere)(`the blocks of a CAR, given to ${peer}`, () => {
    let under: NodeUnderTest
    let node: Kubo
    let file: PinCid
    let car: Buffer
    beforeAll(async () => {
      under = await start()
      node = new Kubo({ http, url: new URL(under.apiUrl), authorization: undefined })
      file = parseCid(under.file.cid) ?? expect.fail('no CID')
      car = Buffer.from(await under.car())
    })
    afterAll(async () => {
      await under[Symbol.asyncDispose]()
    })

    const give = (...pieces: readonly Uint8Array[]) => {
      async function* all() {
        yield* pieces
      }
      return node.importing.takeIn(file, all(), never)
    }
    const isThereWhole = async () =>
      (await node.verifying.readWhole(file, { onBytes: () => undefined, signal: never })).how === 'whole'

    test.each([
      ['a page of HTML', () => [Buffer.from('<!doctype html><title>Gateway</title>')]],
      ['a long page of HTML', () => [Buffer.from('<!doctype html>'.repeat(10_000))]],
      ['half of a CAR', () => [car.subarray(0, car.length / 2)]],
      ['a CAR with something behind it', () => [car, Buffer.from('something else, which is no block')]],
    ])('%s is refused', async (_what, pieces) => {
      expect(await give(...pieces())).toMatchObject({ how: 'refused', words: expect.any(String) })
    })

    test('a byte that was changed is found, in whatever block', async () => {
      for (const at of [car.length - 1, 100]) {
        const altered = Buffer.from(car)
        altered[at] = (altered[at] ?? 0) ^ 1
        expect(await give(altered)).toMatchObject({ how: 'altered', words: expect.any(String) })
      }
    })

    test('what throws on its way rejects with that', async () => {
      const gone = new Error('the gateway is gone')
      async function* cut() {
        yield car.subarray(0, car.length / 2)
        throw gone
      }
      await expect(node.importing.takeIn(file, cut(), never)).rejects.toBe(gone)
    })

    test('nothing, no more than a header, and the first block alone, is not all of it', async () => {
      await under.forget()
      expect(await give()).toEqual({ how: 'partial' })
      expect(await give(car.subarray(0, 59))).toEqual({ how: 'partial' })
      expect(await give(car.subarray(0, under.carStart(car)))).toEqual({ how: 'partial' })
    })

    test('all of it is there then, and no pin was made of it', async () => {
      expect(await give(...[car.subarray(0, 1000), car.subarray(1000)])).toEqual({ how: 'taken' })
      expect(await isThereWhole()).toBe(true)
      expect(await node.isPinned(file, never)).toBe(false)
    })

    test('a pin that lacks a block has it again, and its name', async () => {
      await rpc(under.apiUrl, `pin/add?arg=${file.text}&name=kept`)
      await under.loseBlock()
      // Once Kubo has missed it, as it then has: until then it takes none that it thinks is there (measured).
      expect(await isThereWhole()).toBe(false)
      expect(await give(car)).toEqual({ how: 'taken' })
      expect(await isThereWhole()).toBe(true)
      const { lines } = await rpc(under.apiUrl, `pin/ls?arg=${file.text}&type=recursive&names=true`)
      expect(lines).toMatchObject([{ Keys: { [file.text]: { Name: 'kept' } } }])
    })
  })
}
