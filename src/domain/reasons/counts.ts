import type { ReasonClass, Why } from './classes.ts'

/** How many failed for each class of reasons, with the words of the first of them. */
export type ReasonCounts = ReadonlyMap<ReasonClass, ReasonCount>

interface ReasonCount {
  readonly reason: string
  readonly count: number
}

/** So many classes are counted by themselves: as many may be made up as there are CIDs. */
const mostClasses = 100
const others: Why = { class: 'other-reasons', reason: 'other reasons' }

export function addReason(counts: Map<ReasonClass, ReasonCount>, why: Why): void {
  const kept = counts.has(why.class) || counts.size < mostClasses ? why : others
  const { reason, count } = counts.get(kept.class) ?? { reason: kept.reason, count: 0 }
  counts.set(kept.class, { reason, count: count + 1 })
}

export function totalOf(counts: ReasonCounts): number {
  return counts.values().reduce((sum, { count }) => sum + count, 0)
}
