import { farAway as delays, haveDelays, inNamespace } from '../test/network/namespace.ts'
import type { Told } from '../test/network/run.ts'
import { type Row, seconds } from './table.ts'

/** A whole run against a service whose peers are far away, with the node's defaults: the way that the Internet is. */
export async function farAway(): Promise<Row[]> {
  if (!haveDelays()) {
    console.error('far: skipped, as no network with delays can be had (unshare, tc, and netem in the kernel)')
    return []
  }
  const near = await inNamespace<Told>('./run.ts', ['end'])
  const far = await inNamespace<Told>('./run.ts', ['end'], delays)
  for (const { pinned } of [near, far]) if (pinned !== 30) throw new Error(`${pinned} of 30 were pinned`)
  return [
    {
      what: 'whole run, 30 CIDs at two peers 200 ms away, 1% of packets lost',
      measured: seconds(far.seconds),
      against: `the same without delay and loss: ${seconds(near.seconds)}`,
      ratio: `${(far.seconds / near.seconds).toFixed(2)} times the time`,
    },
  ]
}
