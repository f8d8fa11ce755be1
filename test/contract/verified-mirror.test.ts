import { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { Kubo } from '../peers/kubo.ts'
import { added, Mirror } from '../scenarios/mirror.ts'
import { rpc } from './rpc.ts'

const dagPb = 0x70
const count = 500

/** Of a KiB a block: most of a few blocks, some of more than a block can link to, which have blocks between. */
function content(): Record<string, Uint8Array<ArrayBuffer>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, number) => {
      const blocks = number % 50 === 0 ? 200 + number / 10 : 1 + (number % 9)
      const bytes = new Uint8Array(blocks * 1024)
      const words = new Uint32Array(bytes.buffer)
      for (let index = 0; index < words.length; index++) words[index] = number * 1_000_000 + index
      return [`file-${number}`, bytes]
    }),
  )
}

describe.skipIf(!havePeers('kubo'))(
  'a mirror of real Kubo whose repository has lost and changed blocks',
  () => {
    let node: Kubo
    let friend: Kubo
    let mirror: Mirror
    let files: ReadonlyMap<string, string>
    beforeAll(async () => {
      ;[node, friend, mirror] = await Promise.all([Kubo.start(), Kubo.start(), Mirror.start()])
      files = await friend.add(content(), { blockSize: 1024, pin: true })
      mirror.service.bucket('photos').addAll([...files].map(([name, cid]) => ({ cid, name })))
    })
    afterAll(async () => {
      for (const one of [mirror, node, friend]) await one[Symbol.asyncDispose]()
    })

    const inputs = () => ({
      'node-url': node.apiUrl,
      delegates: friend.addresses[0] ?? '',
      'stall-timeout': '60s',
      attempts: '3',
    })
    const cidOf = (name: string) => files.get(name) ?? expect.fail(`no ${name}`)
    const linksOf = async (cid: string) =>
      (await friend.rpc('refs', { arg: cid }))
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { Ref: string }).Ref)
    const isWhole = async (cid: string) => {
      const { status, trailers } = await rpc(node.apiUrl, `dag/export?arg=${cid}&offline=true`)
      return status === 200 && trailers['x-stream-error'] === undefined
    }

    test('finds all of them within the runs that the time allows, and mends what it can', async () => {
      const first = await mirror.run({ inputs: { ...inputs(), concurrency: '64' } })
      expect(first.report).toMatchObject({ conclusion: 'ok', backup: { missing: count, failed: [] } })
      const before = await node.pins()
      expect(before.get(cidOf('file-8'))).toBe('file-8')

      const [lost = ''] = await linksOf(cidOf('file-8'))
      const [changed = ''] = await linksOf(cidOf('file-17'))
      const [inner = ''] = await linksOf(cidOf('file-50'))
      expect(CID.parse(inner).code).toBe(dagPb)
      for (const block of [lost, inner]) await node.lose(block)
      await node.corrupt(changed)

      // What Kubo's own check of pins says of all that: the two leaves are none of its business.
      const own = await node.rpc('pin/verify', { verbose: 'true' })
      const bad = own.split('\n').filter((line) => line !== '' && !line.includes('"Ok":true'))
      expect(bad).toHaveLength(1)
      expect(bad[0]).toContain(cidOf('file-50'))

      let [mended, checked] = [0, 0]
      const told: string[] = []
      for (let never = count; never > 0; ) {
        const ran = await mirror.run({ inputs: { ...inputs(), 'verify-time': '20s' } })
        const { verify, errors, warnings } = ran.report
        expect({ errors, warnings }).toEqual({ errors: [], warnings: [] })
        expect(added(ran)).toEqual([])
        never = verify?.buckets[0]?.never ?? expect.fail('nothing was verified')
        const before = checked
        checked += verify?.checked ?? 0
        expect(checked, 'each run comes further').toBeGreaterThan(before)
        mended += verify?.mended ?? 0
        told.push(...(verify?.failed ?? []).map(({ cid, reason }) => `${cid}: ${reason}`))
      }

      expect(checked).toBe(count)
      expect(mended).toBe(2)
      expect(new Set(told)).toEqual(
        new Set([
          `${cidOf('file-17')}: its block ${changed} is corrupt on the node: its bytes are not those of its CID`,
        ]),
      )
      expect(await isWhole(cidOf('file-8'))).toBe(true)
      expect(await isWhole(cidOf('file-50'))).toBe(true)
      expect(await isWhole(cidOf('file-17'))).toBe(false)
      expect(await node.pins()).toEqual(before)
    })
  },
)
