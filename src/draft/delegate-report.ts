import type { KnownDelegate } from '../config/types.ts'
import type { Delegates } from '../delegates/connect.ts'
import { delegatesIn } from '../delegates/known.ts'
import { leftOutDelegates } from '../delegates/problems.ts'
import { peersOf, type SeenDelegate } from '../domain/delegate.ts'
import { mergeAddresses } from '../domain/peering.ts'
import type { Problem } from '../domain/problem.ts'
import type { Report } from '../report/report.ts'
import type { BothSides } from '../sides/list-both-sides.ts'
import type { Work } from '../work.ts'

/**
 * The delegates that the service has shown, held against those that are known.
 * @param connected how the node stands with them, and how many addresses of theirs were not kept; `null` until it is told
 */
export function delegateReport(
  { seen, known }: { readonly seen: readonly SeenDelegate[]; readonly known: readonly KnownDelegate[] },
  connected: (Pick<Delegates, 'connector' | 'saved'> & { readonly unkept: number }) | null,
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
    peered: connected?.connector.wanted ?? [],
    saved: connected?.saved ?? null,
    leftOut: {
      addresses: connected?.unkept ?? 0,
      ...(connected?.connector.leftOut ?? { peers: 0, notPublic: 0 }),
    },
  }
}

/** The same at the end: requests that were sent meanwhile carry delegates too. */
export function delegatesAtEnd(
  work: Work,
  sides: BothSides,
  delegates: Delegates,
): { readonly report: Report['delegates']; readonly problems: readonly Problem[] } {
  const now = delegatesIn(work, sides)
  const report = delegateReport(now, { ...delegates, unkept: work.book.leftOut })
  return { report, problems: leftOutDelegates(report.leftOut) }
}
