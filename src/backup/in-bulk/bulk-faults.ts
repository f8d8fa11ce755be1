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

/** CIDs wait in the queues of peers, and none of them moves. */
export function queuesStand(queued: number, seconds: number): NodeError {
  return new NodeError(
    'stuck',
    `the cluster goes on with no pin: ${queued} CIDs are queued on its peers, or peers have not heard of them yet, and nothing changed for ${seconds} s. What nobody has holds a place for as long as pin_timeout in the peers' service.json (ipfs_connector.ipfshttp); concurrent_pins (pin_tracker.stateless) says how many places there are. A peer that missed what the others were told hears of it within a minute, or at its repair, an hour later at most. Nothing is taken from the cluster, and the next run looks again.`,
  )
}

/** The cluster takes none, whatever the CID. */
export function takesNone(words: string): NodeError {
  return new NodeError(
    'bad-answer',
    `the cluster takes no CID that it is given: ${words}. Its log should say why; where it has not enough peers to allocate to, see \`ipfs-cluster-ctl peers ls\` and replication_factor_min in its service.json.`,
  )
}
