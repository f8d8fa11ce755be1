import type { KnownDelegate } from '../config.ts'
import { peersOf, type SeenDelegate } from '../domain/delegate.ts'
import type { Snapshot } from '../snapshot/open.ts'

/**
 * Whom the mirror knows: the delegates it was told, or, where it was told none, those of the first listing, which the
 * snapshot remembers.
 * @returns the known ones and, in the run that first takes them as known, a line that says so
 */
export function knownDelegates(
  told: readonly KnownDelegate[] | undefined,
  seen: readonly SeenDelegate[],
  snapshot: Snapshot,
): { known: readonly KnownDelegate[]; notice: string | null } {
  if (told !== undefined) return { known: told, notice: null }
  const peers = peersOf(seen)
  const remembered = snapshot.facts.get('firstDelegates')
  const ids = new Set<string>(
    remembered === undefined ? peers.map(({ peerId }) => peerId) : JSON.parse(remembered),
  )
  const known = peers.filter(({ peerId }) => ids.has(peerId)).map(({ peerId, addrs }) => ({ peerId, addrs }))
  if (remembered !== undefined || peers.length === 0) return { known, notice: null }
  snapshot.facts.set('firstDelegates', JSON.stringify([...ids]))
  snapshot.markChanged()
  const notice = `\`delegates\` is empty: the ${peers.length} peers that this first listing shows are taken as known from now on`
  return { known, notice }
}
