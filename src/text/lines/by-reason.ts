import { logLine } from '../escape.ts'
import { number } from '../numbers.ts'

const mostNamed = 5

/** `240 no block came; 40 the hash is refused; 12 for 3 other reasons`: the most frequent first. */
export function byReason(reasons: ReadonlyMap<string, number>): string {
  const sorted = [...reasons].toSorted(([, one], [, other]) => other - one)
  const named = sorted.length === mostNamed + 1 ? sorted : sorted.slice(0, mostNamed)
  const rest = sorted.slice(named.length)
  const others = rest.reduce((sum, [, howMany]) => sum + howMany, 0)
  return [
    ...named.map(([reason, howMany]) => `${number(howMany)} ${logLine(reason, 120)}`),
    ...(rest.length > 0 ? [`${number(others)} for ${number(rest.length)} other reasons`] : []),
  ].join('; ')
}
