import { isKnown } from '../domain/reasons/classes.ts'
import { code } from '../text/escape.ts'
import { number } from '../text/numbers.ts'
import { minute } from '../text/page.ts'
import { reasonWords } from '../text/reasons.ts'
import type { FailedAlike, FailingRuns, Kind } from './tracked.ts'

/** What is told by name, after a number. */
export const nouns: Readonly<Record<Kind, string>> = {
  delegate: 'unknown delegates',
  request: 'uploads that the service gave up',
  doubt: 'not believed yet',
  peer: 'peers of the cluster in trouble',
  bucket: 'buckets that are not mirrored',
}

/** An instant in ms, to the minute. */
export function time(ms: number): string {
  return minute(new Date(ms).toISOString())
}

/** Why, in words of ours, or else in those of the node or the service. */
export function titleOf({ kind, class: reasonClass, reason }: FailedAlike): string {
  const title = isKnown(reasonClass) ? reasonWords(reasonClass).title : code(reason, 120)
  return kind === 'backup' || kind === 'verify' || isOfService(reasonClass)
    ? title
    : `At the service: ${title}`
}

/** Where, and how many in each where there are several: `kleros 160, poh-v2 80`. */
export function placesIn({ buckets, moreBuckets }: Pick<FailedAlike, 'buckets' | 'moreBuckets'>): string {
  const [only] = buckets
  if (buckets.length === 1 && moreBuckets === 0) return code(only?.name ?? '', 60)
  const shown = buckets.map(({ name, cids }) => `${code(name, 60)} ${number(cids)}`)
  return [...shown, ...(moreBuckets > 0 ? [`${number(moreBuckets)} more`] : [])].join(', ')
}

/** What the last of the failing runs said, in one cell. */
export function lastErrors({ errors }: FailingRuns): string {
  const shown = errors
    .slice(0, mostErrors)
    .map(({ where, message }) => `${code(where, 80)}: ${code(message, 300)}`)
  const left = errors.length - shown.length
  return [...shown, ...(left > 0 ? [`and ${number(left)} more`] : [])].join('<br>')
}

const mostErrors = 3

/** Its title says so already. */
function isOfService(reasonClass: string): boolean {
  return ['gave-up', 'unsaid', 'sent-in-vain'].includes(reasonClass)
}
