import type { PinCid } from '../domain/cid.ts'
import { publicOrigins } from '../domain/origins.ts'
import { NodeError } from '../errors.ts'
import type { NodeIdentity, PinningInBulk } from '../node/node.ts'
import type { Work } from '../work.ts'

/** The addresses that the service is given to fetch from. */
export interface Origins {
  readonly all: readonly string[]
  /** Of them those of who has a CID. */
  readonly of: (cid: PinCid) => Promise<readonly string[]>
}

export function originsFor({ config, node, time }: Work, { addresses }: NodeIdentity): Origins {
  const { origins } = config
  if (origins !== 'auto') {
    const all = origins === 'none' ? [] : origins
    return { all, of: async () => all }
  }
  const all = publicOrigins(addresses)
  const { pinning } = node
  const of = async (cid: PinCid) =>
    pinning.how === 'in-bulk' ? holdersOf(pinning, cid, all, time.cancelled) : all
  return { all, of }
}

/** A peer that has nothing of a CID is no use to whom it is sent to. @param all where the holders do not tell theirs */
async function holdersOf(
  node: PinningInBulk,
  cid: PinCid,
  all: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const pin = (await node.look([cid], signal)).get(cid.key)
    const holders = pin?.peers.filter(({ standing }) => standing === 'pinned') ?? []
    const theirs = publicOrigins(holders.flatMap((peer) => peer.addresses))
    return theirs.length > 0 ? theirs : all
  } catch (error) {
    // That a node does not say who has it is no reason not to send it.
    if (error instanceof NodeError) return all
    throw error
  }
}
