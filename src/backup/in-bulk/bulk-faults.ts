import { NodeError } from '../../errors.ts'

/** A peer that keeps CIDs from their end. */
export interface Hinderer {
  readonly name: string
  readonly words: string
  /** How many CIDs wait for it. */
  readonly cids: number
}

/** Peers that do not do their part: the others have done theirs. */
export function peersInTrouble(hinderers: readonly Hinderer[]): NodeError {
  const each = hinderers.map(({ name, words, cids }) => `${name} (${words}), for which ${cids} CIDs wait`)
  return new NodeError(
    'peers',
    `not every peer of the cluster does its part: ${each.join('; ')}. No CID is blamed for it: bring the peer back, and the next run goes on. A peer that will not come back is taken out with \`ipfs-cluster-ctl peers rm ID\`, and the cluster gives its part to others.`,
  )
}

/** CIDs wait in the queues of peers, or to be heard of, and none of them moves. */
export function queuesStand(left: {
  readonly queued: number
  readonly unheard: number
  readonly seconds: number
}): NodeError {
  const { queued, unheard, seconds } = left
  const each: string[] = []
  if (queued > 0)
    each.push(
      `${queued} CIDs are queued on its peers. What nobody has holds a place for as long as pin_timeout in the peers' service.json (ipfs_connector.ipfshttp); concurrent_pins (pin_tracker.stateless) says how many places there are.`,
    )
  if (unheard > 0)
    each.push(
      `of ${unheard} CIDs not every peer that is to have them has heard. A peer that could not fetch what it was told of repairs itself within an hour (consensus.crdt.repair_interval), or once it is restarted.`,
    )
  return new NodeError(
    'stuck',
    `the cluster goes on with no pin, and nothing changed for ${seconds} s: ${each.join(' And ')} Nothing is taken from the cluster, and the next run looks again.`,
  )
}

/** The cluster takes none, whatever the CID. */
export function takesNone(words: string): NodeError {
  return new NodeError(
    'bad-answer',
    `the cluster takes no CID that it is given: ${words}. Its log should say why; where it has not enough peers to allocate to, see \`ipfs-cluster-ctl peers ls\` and replication_factor_min in its service.json.`,
  )
}
