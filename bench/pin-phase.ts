import { join } from 'node:path'
import pMap from 'p-map'
import { backUpMissing } from '../src/backup/back-up-missing.ts'
import { DelegateConnector } from '../src/delegates/connector.ts'
import { parseCid } from '../src/domain/cid.ts'
import { atOnce, type LongWork } from '../src/domain/long-work.ts'
import type { MissingPin } from '../src/domain/plan-backup.ts'
import { Gateways } from '../src/gateways/gateways.ts'
import { Http } from '../src/http/http.ts'
import { Intake } from '../src/intake.ts'
import { Kubo as KuboClient } from '../src/node/kubo/kubo.ts'
import { RunTime } from '../src/run-time.ts'
import { openSnapshot } from '../src/snapshot-file/open.ts'
import { temporaryFolder } from '../test/demo/temporary-folder.ts'
import { files } from '../test/e2e/content.ts'
import { Kubo } from '../test/peers/kubo.ts'
import { measured } from './measured.ts'
import { number, type Row, times } from './table.ts'

const blocks = 5_000
/** The default of `concurrency`. */
const concurrency = 32
/** The contestants take turns, and turns in being the first, so that what the machine does besides hits all of them. */
const turns = 10
/** One at a time is slow: a part of them tells enough. */
const oneByOne = 500

/** Small blocks from one node to another, both real: the pin phase against bare HTTP. */
export async function pinPhase(): Promise<Row[]> {
  await using source = await Kubo.start()
  await using node = await Kubo.start()
  const blocksOf = async (name: string, count: number) => [
    ...(await source.add(files(name, count, 1000), { cidVersion: 1 })).values(),
  ]
  await node.connect(source)
  const bare: number[] = []
  const ours: number[] = []
  const folder = temporaryFolder('bench')
  for (let turn = 0; turn < turns; turn++) {
    const [forBare, forOurs] = [
      await blocksOf(`a${turn}`, blocks / turns),
      await blocksOf(`b${turn}`, blocks / turns),
    ]
    const pinAllBare = async () => {
      bare.push((await measured(() => pMap(forBare, (cid) => pinBare(node, cid), { concurrency }))).seconds)
    }
    if (turn % 2 === 0) await pinAllBare()
    ours.push(await pinPhaseOf(node, forOurs, join(folder, `${turn}.sqlite`)))
    if (turn % 2 === 1) await pinAllBare()
  }
  const slow = await blocksOf('c', oneByOne)
  const serial = await measured(() => pMap(slow, (cid) => pinBare(node, cid), { concurrency: 1 }))
  const total = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0)
  const rate = (count: number, time: number) => `${number(Math.round(count / time))} a second`
  const measuredRate = rate(blocks, total(ours))
  return [
    {
      what: `pin phase of a backup, ${number(blocks)} small blocks, ${concurrency} at once`,
      measured: measuredRate,
      against: `bare \`pin/add\`, ${concurrency} at once: ${rate(blocks, total(bare))}`,
      ratio: `${(total(ours) / total(bare)).toFixed(2)} times the time`,
    },
    {
      what: 'the same',
      measured: measuredRate,
      against: `bare \`pin/add\`, one at a time, ${oneByOne} of them: ${rate(oneByOne, serial.seconds)}`,
      ratio: `${times(blocks / total(ours), oneByOne / serial.seconds)} faster`,
    },
  ]
}

async function pinBare(node: Kubo, cid: string): Promise<void> {
  const response = await fetch(`${node.apiUrl}/api/v0/pin/add?arg=${cid}`, { method: 'POST' })
  const { Pins } = (await response.json()) as { Pins?: string[] }
  if (Pins?.[0] !== cid) throw new Error(`${cid} was not pinned`)
}

/** @returns seconds */
async function pinPhaseOf(node: Kubo, cids: readonly string[], path: string): Promise<number> {
  const http = new Http('bench')
  using snapshot = atOnce(openSnapshot(path, 'bench', console.error))
  const pins: MissingPin[] = cids.map((text) => {
    const cid = parseCid(text)
    if (cid === undefined) throw new Error(`${text} is no CID`)
    return { cid, name: null, bucket: 'main', delegates: null, size: null }
  })
  const pinAt = (index: number) => pins[index] as MissingPin
  const missing = {
    length: pins.length,
    at: pinAt,
    keyAt: (index: number) => pinAt(index).cid.key,
    bucketAt: () => 'main',
    sizeAt: () => null,
    *countsIn(): LongWork<number[]> {
      yield
      return []
    },
  }
  const config = {
    concurrency,
    stallTimeout: 120_000,
    attempts: 3,
    keepFree: 0,
    github: { manual: false },
  } as unknown as Parameters<typeof backUpMissing>[0]
  const client = new KuboClient({ http, url: new URL(node.apiUrl), authorization: undefined })
  await using connector = new DelegateConnector(client, {
    self: '',
    peering: undefined,
    wanted: [],
    mayDial: () => false,
    onFault: () => {},
    cancel: new AbortController().signal,
  })
  const intake = new Intake(null)
  using gateways = new Gateways([], { http, intake, stallTimeout: config.stallTimeout })
  using time = new RunTime(new AbortController().signal, 3_600_000)
  const { result, seconds } = await measured(() =>
    backUpMissing(
      config,
      {
        plan: { missing, ignored: 0 },
        node: client,
        ledger: snapshot.ledger,
        book: snapshot.delegates,
        delegates: { connector, originsOf: () => [] },
        intake,
        gateways,
        time,
        log: { info: () => {}, debug: () => {}, group: (_, work) => work() },
      },
      false,
    ),
  )
  await http.close()
  if (result.report.pinned.length !== cids.length) throw new Error('not all were pinned')
  return seconds
}
