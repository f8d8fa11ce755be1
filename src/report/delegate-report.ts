import type { KnownDelegate } from '../config.ts'
import { peersOf, type SeenDelegate } from '../domain/delegate.ts'
import type { DelegateState } from '../sync/delegates.ts'
import type { Report } from './report.ts'

/** The delegates that the service has shown, held against those that are known. */
export function delegateReport(
  seen: readonly SeenDelegate[],
  known: readonly KnownDelegate[],
  peered: readonly DelegateState[],
): Report['delegates'] {
  const isKnown = new Set(known.map(({ peerId }) => peerId))
  const unknown = peersOf(seen)
    .filter(({ peerId }) => !isKnown.has(peerId))
    .map(({ peerId, addrs, firstSeen, exampleCid, buckets }) => ({
      peerId,
      addrs,
      firstSeenAt: new Date(firstSeen).toISOString(),
      exampleCid,
      buckets,
    }))
  return { known: known.map(({ peerId, addrs }) => ({ peerId, addrs })), unknown, peered }
}
