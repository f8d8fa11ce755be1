import { type LongWork, paused } from '../domain/long-work.ts'
import type { Alike } from '../snapshot/ledger-figures.ts'
import { type FailedAlike, type FailureKind, type Failures, ledgerKinds, needsPerson } from './tracked.ts'

/** What failed alike in one bucket. */
export interface AlikeInBucket extends Omit<Alike, 'direction' | 'next'> {
  readonly kind: FailureKind
  readonly next: number | null
}

/** Reasons of each way to fail, and buckets of each reason, that are told one by one. */
const mostAlike = 20
const mostBuckets = 5

/** All of one reason, while it grows. */
interface Sum extends Pick<FailedAlike, 'kind' | 'class' | 'retry'> {
  readonly buckets: { readonly name: string; cids: number }[]
  cids: number
  oldest: number
  next: number | null
}

/**
 * Sums up what failed, however many reasons and buckets there are: a few of the largest reasons are kept, the rest is
 * counted.
 * @param rows those of one reason one after the other, and those of one bucket among them
 * @param details what is told of one reason besides its numbers
 */
export function* summedUp(
  rows: Iterable<AlikeInBucket>,
  details: (sum: Pick<FailedAlike, 'kind' | 'class'>) => Pick<FailedAlike, 'reason' | 'first'>,
): LongWork<Failures> {
  const kept: Record<FailureKind, Sum[]> = { backup: [], update: [], verify: [], request: [] }
  const others = {
    backup: { reasons: 0, cids: 0 },
    update: { reasons: 0, cids: 0 },
    verify: { reasons: 0, cids: 0 },
    request: { reasons: 0, cids: 0 },
  }
  const places = new Map<string, Failures['places'][number]>()
  let last: Sum | undefined
  const leaveOut = (kind: FailureKind, most: number) => {
    kept[kind].sort(byWeight)
    for (const { cids } of kept[kind].splice(most)) {
      others[kind].reasons++
      others[kind].cids += cids
    }
  }
  const keep = (sum: Sum) => {
    kept[sum.kind].push(sum)
    if (kept[sum.kind].length >= 10 * mostAlike) leaveOut(sum.kind, mostAlike)
  }
  yield* paused(rows, (row) => {
    const { kind, bucket, cids } = row
    const place = `${kind} ${bucket}`
    places.set(place, { kind, bucket, cids: cids + (places.get(place)?.cids ?? 0) })
    if (last === undefined || last.kind !== kind || last.class !== row.class) {
      if (last !== undefined) keep(last)
      const { class: reasonClass, retry, oldest, next } = row
      last = { kind, class: reasonClass, retry, oldest, next, cids: 0, buckets: [] }
    }
    add(last, row)
  })
  if (last !== undefined) keep(last)
  for (const kind of [...ledgerKinds, 'request'] as const) leaveOut(kind, mostAlike)
  return {
    alike: Object.values(kept)
      .flat()
      .sort(byWeight)
      .map((sum) => {
        const buckets = sum.buckets.toSorted((a, b) => b.cids - a.cids || compare(a.name, b.name))
        return {
          ...sum,
          ...details(sum),
          buckets: buckets.slice(0, mostBuckets),
          moreBuckets: Math.max(0, buckets.length - mostBuckets),
        }
      }),
    others,
    places: [...places.values()],
  }
}

function add(sum: Sum, { bucket: name, cids, oldest, next }: AlikeInBucket): void {
  const last = sum.buckets.at(-1)
  if (last?.name === name) last.cids += cids
  else sum.buckets.push({ name, cids })
  sum.cids += cids
  sum.oldest = Math.min(sum.oldest, oldest)
  sum.next = sum.next === null || next === null ? null : Math.min(sum.next, next)
}

/** What needs a person first, then the largest; else by name, so that the same state always reads the same. */
function byWeight(a: Sum, b: Sum): number {
  return (
    Number(needsPerson(b)) - Number(needsPerson(a)) ||
    b.cids - a.cids ||
    compare(a.class, b.class) ||
    compare(a.kind, b.kind)
  )
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
