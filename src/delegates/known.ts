import type { KnownDelegate } from '../config/types.ts'
import { peersOf, type SeenDelegate } from '../domain/delegate.ts'
import type { BothSides } from '../sides/list-both-sides.ts'
import { listAsFact } from '../snapshot/facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { number } from '../text/numbers.ts'
import type { Work } from '../work.ts'

/**
 * Which delegates the requests in the snapshot carry now,and which of them are known.
 */
export function delegatesIn(
  { config, snapshot, book, log }: Pick<Work, 'config' | 'snapshot' | 'book' | 'log'>,
  { buckets }: BothSides,
): {
  readonly seen: readonly SeenDelegate[]
  readonly known: readonly KnownDelegate[]
} {
  const seen = book.seenIn(buckets.map(({ name, figures }) => ({ name, ...figures })))
  const isListed = buckets.every(({ result }) => result !== undefined)
  const { known, notice } = knownDelegates(config.delegates, seen, isListed, snapshot)
  // Nobody has to do anything.
  if (notice !== null) log.info(notice)
  return { seen, known }
}

/**
 * Whom the mirror knows: the delegates of the input, or, where it is empty, those of the first listing that came to
 * its end, which the snapshot remembers.
 * @param isListed whether every bucket was listed to its end
 * @returns the known ones and, in the run that first takes them as known, a line that says so
 */
function knownDelegates(
  told: readonly KnownDelegate[] | undefined,
  seen: readonly SeenDelegate[],
  isListed: boolean,
  snapshot: Snapshot,
): { known: readonly KnownDelegate[]; notice: string | null } {
  if (told !== undefined) return { known: told, notice: null }
  const peers = peersOf(seen).map(({ peerId, addrs }) => ({ peerId, addrs }))
  const first = rememberedDelegates(snapshot)
  if (first !== undefined) {
    // A peer may have new addresses by now. One that no request names any more keeps those that it had.
    const known = first.map((peer) => peers.find(({ peerId }) => peerId === peer.peerId) ?? peer)
    return { known, notice: null }
  }
  if (!isListed || peers.length === 0) return { known: peers, notice: null }
  snapshot.facts.set('firstDelegates', listAsFact(peers))
  snapshot.markChanged()
  const shown = peers.length === 1 ? 'the one peer' : `the ${number(peers.length)} peers`
  const taken = peers.length === 1 ? 'is' : 'are'
  const notice = `\`delegates\` is empty: ${shown} that this first listing shows ${taken} taken as known from now on`
  return { known: peers, notice }
}

/** The peers that were taken as known because the input is empty; `undefined` until then. */
export function rememberedDelegates({
  facts,
}: Pick<Snapshot, 'facts'>): readonly KnownDelegate[] | undefined {
  const remembered = facts.get('firstDelegates')
  return remembered === undefined ? undefined : (JSON.parse(remembered) as KnownDelegate[])
}
