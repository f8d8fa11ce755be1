import type { KnownDelegate } from '../config/types.ts'
import type { DelegateState } from '../delegates/connector.ts'
import { peersOf, type SeenDelegate } from '../domain/delegate.ts'
import { mergeAddresses } from '../domain/peering.ts'
import type { Report } from './report.ts'

/** The delegates that the service has shown, held against those that are known. */
export function delegateReport(
  seen: readonly SeenDelegate[],
  known: readonly KnownDelegate[],
  peered: readonly DelegateState[],
): Report['delegates'] {
  const peers = peersOf(seen)
  const isKnown = new Set(known.map(({ peerId }) => peerId))
  const unknown = peers
    .filter(({ peerId }) => !isKnown.has(peerId))
    .map(({ peerId, addrs, firstSeen, lastSeen, exampleCid, buckets }) => ({
      peerId,
      addrs,
      firstSeenAt: new Date(firstSeen).toISOString(),
      lastSeenAt: new Date(lastSeen).toISOString(),
      exampleCid,
      buckets,
    }))
  const shown = new Map(peers.map(({ peerId, addrs }) => [peerId, addrs]))
  return {
    known: known.map(({ peerId, addrs }) => ({
      peerId,
      addrs,
      otherAddrs: mergeAddresses(peerId, addrs, shown.get(peerId) ?? []).slice(addrs.length),
    })),
    unknown,
    peered,
    saved: null,
    leftOut: { addresses: 0, peers: 0, notPublic: 0 },
  }
}
