import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pMap from 'p-map'
import { parseCid } from '../src/domain/cid.ts'
import { dayOf, readAtOnce } from '../src/domain/verifying.ts'
import { Http } from '../src/http/http.ts'
import { Kubo as KuboClient } from '../src/node/kubo/kubo.ts'
import { Kubo } from '../test/peers/kubo.ts'
import { Bundle } from './bundle.ts'
import { measured } from './measured.ts'
import { BenchNode } from './node/node.ts'
import type { Usage } from './process-usage.ts'
import { BenchService } from './service/service.ts'
import { megabytes, number, type Row, seconds, times } from './table.ts'

const files = 64
const bytesEach = 16 * 1024 * 1024
const million = 1_000_000

/** Reading again what a real node pins. Both from the page cache: compared is what it takes besides the disk. */
export async function verify(): Promise<Row[]> {
  await using node = await Kubo.start()
  const names = Array.from({ length: files }, (_, index) => `file-${index}`)
  const cids: string[] = []
  for (const name of names) {
    const added = await node.add({ [name]: randomBytes(bytesEach) }, { pin: true })
    cids.push(added.get(name) ?? '')
  }
  const blocks = readdirSync(node.blocks, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const plainly = () => pMap(blocks, (path) => readFile(path), { concurrency: readAtOnce })
  await plainly()
  const plain = await measured(plainly)
  const http = new Http('bench')
  const { verifying } = new KuboClient({ http, url: new URL(node.apiUrl), authorization: undefined })
  const signal = new AbortController().signal
  let bytes = 0
  const onBytes = (more: number) => {
    bytes += more
  }
  const verified = await measured(() =>
    pMap(
      cids,
      async (text) => {
        const cid = parseCid(text)
        const { how } = cid === undefined ? {} : await verifying.readWhole(cid, { onBytes, signal })
        if (how !== 'whole') throw new Error(`${text} is not whole`)
      },
      { concurrency: readAtOnce },
    ),
  )
  await http.close()
  return [
    {
      what: `verification of ${files} files of ${megabytes(bytesEach)} on a real node, ${readAtOnce} at a time`,
      measured: `${megabytes(bytes / verified.seconds)} a second`,
      against: `reading the files of its blocks plainly: ${megabytes(bytes / plain.seconds)} a second`,
      ratio: `${times(verified.seconds, plain.seconds)} the time`,
    },
  ]
}

/** What a run costs that has a million pins and nothing to read. */
export async function verified(): Promise<Row[]> {
  using service = await BenchService.start(million)
  using node = await BenchNode.start(million, 0)
  await using bundle = await Bundle.start()
  const run = (verifyTime: string) => bundle.run(service.url, node.url, { 'verify-time': verifyTime })
  await run('0s')
  const first = await run('1s')
  const [mirror = ''] = readdirSync(bundle.box)
  const bytes = rejuvenate(join(bundle.box, mirror, 'snapshot.sqlite'))
  const without = await run('0s')
  const idle = await run('5m')
  return [
    {
      what: `whole run with ${number(million)} pins that were verified within a week: nothing to read`,
      measured: usageOf(idle),
      against: `without verification: ${usageOf(without)}`,
      ratio: `${times(idle.cpuSeconds, without.cpuSeconds)} the CPU`,
    },
    {
      what: `whole run that takes in ${number(million)} pins to verify, for the first time`,
      measured: usageOf(first),
      against: `without verification: ${usageOf(without)}`,
      ratio: `${times(first.cpuSeconds, without.cpuSeconds)} the CPU`,
    },
    {
      what: `what the snapshot keeps of ${number(million)} verified pins`,
      measured: `${Math.round(bytes.verified / million)} bytes each`,
      against: `of their requests: ${Math.round(bytes.request / million)} bytes each`,
      ratio: `${times(bytes.verified, bytes.request)} the size`,
    },
  ]
}

/** Has all pins be verified today. @returns the sizes of the tables of pins and of requests, in bytes */
function rejuvenate(path: string): { readonly verified: number; readonly request: number } {
  using db = new DatabaseSync(path)
  db.exec(`UPDATE verified SET day = ${dayOf(Date.now())}, bytes = 262218`)
  const sizeOf = (table: string) =>
    db.prepare('SELECT sum(pgsize) AS size FROM dbstat WHERE name = ?').get(table)?.['size'] as number
  return { verified: sizeOf('verified'), request: sizeOf('request') }
}

function usageOf({ seconds: elapsed, cpuSeconds }: Usage): string {
  return `${seconds(elapsed)}, ${seconds(cpuSeconds)} of CPU`
}
