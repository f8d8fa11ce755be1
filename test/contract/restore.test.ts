import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { Kubo } from '../peers/kubo.ts'
import { Mirror } from '../scenarios/mirror.ts'

/** Of a few blocks each, and one that is larger than a block can link to. */
const uploads = Object.fromEntries(
  Array.from({ length: 30 }, (_, index) => [
    `invoice, "${index}".pdf`,
    randomBytes(index === 0 ? 400_000 : 500 + 997 * index),
  ]),
)

/** The rows of a CSV (RFC 4180), by the columns of its first. */
function parseCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
  }
  const [head = [], ...others] = rows.slice(0, -1)
  return others.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])))
}

test.skipIf(!havePeers('kubo'))(
  'a bucket is lost: from the node alone, with the manifest, a second node has every file of it again',
  async () => {
    await using node = await Kubo.start()
    await using mirror = await Mirror.start({ buckets: ['photos', 'video'] })
    {
      await using service = await Kubo.start()
      const files = await service.add(uploads, { blockSize: 1024, pin: true })
      const other = (await service.add({ other: 'of another bucket' }, { pin: true })).get('other') ?? ''
      mirror.service.bucket('photos').addAll([...files].map(([name, cid]) => ({ cid, name })))
      mirror.service.bucket('video').add({ cid: other, name: 'other' })
      const ran = await mirror.run({
        inputs: {
          'node-url': node.apiUrl,
          delegates: service.addresses[0] ?? '',
          'stall-timeout': '60s',
          attempts: '3',
        },
      })
      expect(ran.report).toMatchObject({ conclusion: 'ok', backup: { missing: 31, failed: [] } })
    }

    const ran = await mirror.run({
      inputs: { 'node-url': node.apiUrl, manifest: 'true', 'verify-time': '120s', 'full-listing': 'true' },
    })
    const manifest = zstdDecompressSync(readFileSync(ran.outputs['manifest'] ?? '')).toString('utf8')
    const rows = parseCsv(manifest).filter(({ bucket }) => bucket === 'photos')
    expect(rows).toHaveLength(30)
    for (const row of rows) {
      expect(row).toMatchObject({ on_node: 'true', verified: expect.stringMatching(/^20\d\d-/) })
      expect(Number(row['bytes'])).toBeGreaterThan(uploads[row['name'] ?? '']?.length ?? Number.NaN)
    }

    // The service is gone, and with it all but the node and the manifest.
    await using restored = await Kubo.start()
    await restored.connect(node)
    for (const { cid = '', name = '' } of rows) await restored.run('pin', 'add', '--name', name, cid)
    await node.stop()
    const pins = await restored.pins()
    for (const { cid = '', name = '' } of rows) {
      expect(pins.get(cid)).toBe(name)
      const bytes = await restored.read(cid)
      expect(bytes.equals(uploads[name] ?? Buffer.alloc(0)), name).toBe(true)
    }
  },
)
