import type { Config } from '../config/types.ts'
import type { Report } from '../report/report.ts'
import { listAsFact } from '../snapshot/facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/**
 * The account's buckets that nobody mirrors, as far as is known: where not every account told its buckets, those of
 * the last run stand that still may. Remembers what is told.
 */
export function unmirroredNow(
  accountCheck: Config['accountCheck'],
  found: Report['account'],
  snapshot: Pick<Snapshot, 'facts' | 'markChanged'>,
): readonly string[] {
  if (accountCheck === undefined) return []
  const text = snapshot.facts.get('unmirrored') ?? '[]'
  const known = new Set([...accountCheck.mirrored, ...accountCheck.ignored])
  const before = (JSON.parse(text) as readonly string[]).filter((name) => !known.has(name))
  const isWhole = found?.complete ?? false
  const now = [...new Set([...(found?.unmirrored ?? []), ...(isWhole ? [] : before)])].sort()
  const remembered = listAsFact(now)
  if (remembered !== text) {
    snapshot.facts.set('unmirrored', remembered)
    snapshot.markChanged()
  }
  return now
}
