import pMap from 'p-map'
import { NodePins } from '../src/domain/node-pins.ts'
import { Census } from '../src/domain/replication.ts'
import { Http } from '../src/http/http.ts'
import { Kubo as KuboClient } from '../src/node/kubo/kubo.ts'
import { listNode } from '../src/sides/list-node.ts'
import { identityCid, Kubo } from '../test/peers/kubo.ts'
import { measured } from './measured.ts'
import { number, type Row, seconds, times } from './table.ts'

const count = 100_000
const aCall = 500

/** A real node's pins: streamed, as the action reads them, against the plain list. */
export async function nodeList(): Promise<Row[]> {
  await using node = await Kubo.start()
  await pin(node)
  const http = new Http('bench')
  const client = new KuboClient({ http, url: new URL(node.apiUrl), authorization: undefined })
  const pins = new NodePins()
  const signal = new AbortController().signal
  const streamed = await measured(() =>
    listNode(client, {
      pins,
      census: new Census(),
      names: false,
      signal,
      onAnswer: () => {},
      onPin: () => {},
    }),
  )
  const plain = await measured(async () => JSON.parse(await node.rpc('pin/ls', { type: 'recursive' })))
  await http.close()
  if (pins.size < count) throw new Error('pins are missing')
  return [
    {
      what: `list of a real node’s ${number(count)} pins, streamed, CIDs read`,
      measured: seconds(streamed.seconds),
      against: `plain \`pin/ls\`, parsed as JSON: ${seconds(plain.seconds)}`,
      ratio: `${times(streamed.seconds, plain.seconds)} the time`,
    },
  ]
}

/** CIDs that hold their data themselves: a node pins them at once. */
async function pin({ apiUrl }: Kubo): Promise<void> {
  const calls = Array.from({ length: count / aCall }, (_, call) =>
    Array.from({ length: aCall }, (_, n) => identityCid(`content number ${call * aCall + n}`)),
  )
  await pMap(
    calls,
    async (cids) => {
      const args = cids.map((cid) => `arg=${cid}`).join('&')
      const response = await fetch(`${apiUrl}/api/v0/pin/add?${args}`, { method: 'POST' })
      if (!response.ok) throw new Error(await response.text())
      await response.text()
    },
    { concurrency: 8 },
  )
}
