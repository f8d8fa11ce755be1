import pMap from 'p-map'
import { handOverAll } from '../src/backup/in-bulk/hand-over-all.ts'
import type { MissingPin } from '../src/backup/missing-pins.ts'
import { parseCid } from '../src/domain/cid.ts'
import { Http } from '../src/http/http.ts'
import { Cluster } from '../src/node/cluster/cluster.ts'
import { ClusterOfPeers } from '../test/peers/clusters.ts'
import { identityCid } from '../test/peers/kubo.ts'
import { measured } from './measured.ts'
import { number, type Row } from './table.ts'

const pins = 5_000
const concurrency = 32
/** The contestants take turns, and turns in being the first, so that what the machine does besides hits both. */
const turns = 4

/**
 * CIDs handed over to a real cluster, and settled: against bare HTTP that asks as seldom as can be. Of one peer: where there
 * are more, bare HTTP waits by chance for peers that missed a CID until they are told again, which the mirror sees to.
 */
export async function clusterPins(): Promise<Row[]> {
  await using cluster = await ClusterOfPeers.start({ peers: 1, replication: 1 })
  const cidsOf = (name: string) =>
    Array.from({ length: pins / turns }, (_, index) => identityCid(`${name} of the bench, number ${index}`))
  let [bare, ours] = [0, 0]
  for (let turn = 0; turn < turns; turn++) {
    const runBare = async () => {
      bare += (await measured(() => handOverBare(cluster.restUrl, cidsOf(`bare ${turn}`)))).seconds
    }
    if (turn % 2 === 0) await runBare()
    ours += (await measured(() => handOverOurs(cluster.restUrl, cidsOf(`ours ${turn}`)))).seconds
    if (turn % 2 === 1) await runBare()
  }
  const rate = (time: number) => `${number(Math.round(pins / time))} a second`
  return [
    {
      what: `${number(pins)} CIDs to an IPFS Cluster of one peer: handed over and pinned, ${concurrency} at once`,
      measured: rate(ours),
      against: `bare \`POST /pins/{cid}\`, ${concurrency} at once, and then a look a second until all are pinned: ${rate(bare)}`,
      ratio: `${(ours / bare).toFixed(2)} times the time`,
    },
  ]
}

async function handOverBare(restUrl: string, cids: readonly string[]): Promise<void> {
  const give = async (cid: string) => {
    const response = await fetch(`${restUrl}/pins/${cid}`, { method: 'POST' })
    if (!response.ok) throw new Error(await response.text())
    await response.arrayBuffer()
  }
  await pMap(cids, give, { concurrency })
  for (const left = new Set(cids); left.size > 0; ) {
    const response = await fetch(`${restUrl}/pins?filter=pinned`)
    for (const line of (await response.text()).split('\n').filter(Boolean)) {
      const { cid, peer_map } = JSON.parse(line) as { cid: string; peer_map: Record<string, object> }
      if (Object.keys(peer_map).length === 1) left.delete(cid)
    }
    if (left.size > 0) await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

async function handOverOurs(restUrl: string, cids: readonly string[]): Promise<void> {
  const http = new Http('bench')
  const due = cids.map((text, index): MissingPin => {
    const cid = parseCid(text)
    if (cid === undefined) throw new Error(`${text} is no CID`)
    return { index, cid, name: null, bucket: 'main', delegates: [], size: null }
  })
  let pinned = 0
  const edges = {
    node: new Cluster({ http, url: new URL(restUrl), authorization: undefined }),
    originsOf: () => [],
    onPinned: () => pinned++,
    onFailed: () => undefined,
  }
  const never = new AbortController().signal
  const options = { concurrency, stallTimeout: 120_000, attempts: 3, signal: never, inTime: never }
  const error = await handOverAll(due, edges, options)
  await http.close()
  if (error !== null) throw error
  if (pinned !== cids.length) throw new Error('not all were pinned')
}
