import { isKnown, type ReasonClass } from '../../domain/reasons/classes.ts'
import type { ReasonCounts } from '../../domain/reasons/counts.ts'
import { logLine } from '../escape.ts'
import { count, number } from '../numbers.ts'
import { reasonWords } from '../reasons.ts'

const mostNamed = 5

/** `No block came (240); Kubo refuses the hash (40); 3 other reasons (12)`: the most frequent first. */
export function byReason(reasons: ReasonCounts): string {
  const sorted = [...reasons].toSorted(([, one], [, other]) => other.count - one.count)
  const named = sorted.length === mostNamed + 1 ? sorted : sorted.slice(0, mostNamed)
  const rest = sorted.slice(named.length)
  const others = rest.reduce((sum, [, one]) => sum + one.count, 0)
  return [
    ...named.map(([reasonClass, one]) => `${titleOf(reasonClass, one.reason)} (${number(one.count)})`),
    ...(rest.length > 0 ? [`${count(rest.length, 'other reason')} (${number(others)})`] : []),
  ].join('; ')
}

/** Of a class that nobody knows, the words themselves. */
function titleOf(reasonClass: ReasonClass, reason: string): string {
  return isKnown(reasonClass) ? reasonWords(reasonClass).title : logLine(reason, 120)
}
