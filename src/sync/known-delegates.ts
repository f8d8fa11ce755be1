import type { KnownDelegate } from '../config.ts'
import { peersOf, type SeenDelegate } from '../domain/delegate.ts'
import type { Snapshot } from '../snapshot/open.ts'

/**
 * Whom the mirror knows: the delegates it was told, or, where it was told none, those of the first listing that came to
 * its end, which the snapshot remembers.
 * @param isListed whether every bucket was listed to its end
 * @returns the known ones and, in the run that first takes them as known, a line that says so
 */
export function knownDelegates(
  told: readonly KnownDelegate[] | undefined,
  seen: readonly SeenDelegate[],
  isListed: boolean,
  snapshot: Snapshot,
): { known: readonly KnownDelegate[]; notice: string | null } {
  if (told !== undefined) return { known: told, notice: null }
  const peers = peersOf(seen).map(({ peerId, addrs }) => ({ peerId, addrs }))
  const remembered = snapshot.facts.get('firstDelegates')
  if (remembered !== undefined) {
    const first = JSON.parse(remembered) as KnownDelegate[]
    // A peer may have moved since; one that no request names any more keeps the addresses it had.
    const known = first.map((peer) => peers.find(({ peerId }) => peerId === peer.peerId) ?? peer)
    return { known, notice: null }
  }
  if (!isListed || peers.length === 0) return { known: peers, notice: null }
  snapshot.facts.set('firstDelegates', JSON.stringify(peers))
  snapshot.markChanged()
  const notice = `\`delegates\` is empty: the ${peers.length} peers that this first listing shows are taken as known from now on`
  return { known: peers, notice }
}
