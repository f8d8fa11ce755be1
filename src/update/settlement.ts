import type { CidKey } from '../domain/cid.ts'
import type { Status } from '../domain/pin.ts'
import type { Wanted } from '../domain/plan-update.ts'
import type { RunTime } from '../run-time.ts'
import type { RequestState } from '../snapshot/bucket/requests.ts'
import { failureOf } from './failure-of.ts'
import type { SettlingBuckets } from './settling-buckets.ts'

/** A CID that was sent; `created` is `null` where no answer told of its request. */
export interface Awaited {
  readonly wanted: Wanted
  readonly created: number | null
  /** A listing will show it; else it need not come to that. */
  readonly isSure: boolean
}

export interface SettlementEdges {
  readonly buckets: SettlingBuckets
  readonly onSettled: (wanted: Wanted, state: RequestState) => void
}

export interface SettlementOptions {
  /** How long to wait after the last change, ms. */
  readonly settleTimeout: number
  readonly time: RunTime
}

export interface Settlement {
  /** Neither pinned nor failed when it ended. */
  readonly pending: readonly Awaited[]
  /** What a listing has shown, whatever became of it. */
  readonly shown: ReadonlyMap<CidKey, Status>
  /** What ended it before its time. */
  readonly error: unknown
}

/** Between two looks, ms: the wait doubles. */
const pauses = { first: 1000, longest: 30_000 }
/** A service may show an instant by whole seconds that it answered more finely. */
const second = 1000
/** So long is it waited, ms, where nothing is left but what a listing need not show. */
const patience = 30_000

/** Between the two looks that it takes to believe that a request failed, ms. */
const secondLook = 10_000

const rank: readonly Status[] = ['failed', 'queued', 'pinning', 'pinned']

/** Follows what was sent until the service says that it is pinned or failed, by listing what is unsettled. */
export async function settle(
  sent: readonly Awaited[],
  { buckets, onSettled }: SettlementEdges,
  { settleTimeout, time }: SettlementOptions,
): Promise<Settlement> {
  const waiting = new Map(sent.map((one) => [one.wanted.cid.key, one]))
  const shown = new Map<CidKey, Status>()
  const failedSince = new Map<CidKey, number>()
  const end = (error: unknown) => ({ pending: [...waiting.values()], shown, error })
  let lastChange = performance.now()
  for (let pause = pauses.first; waiting.size > 0; pause = Math.min(2 * pause, pauses.longest)) {
    try {
      time.inTime.throwIfAborted()
      await look()
      const wait = waiting.values().some(isThere) ? settleTimeout : Math.min(settleTimeout, patience)
      const left = lastChange + wait - performance.now()
      if (waiting.size === 0 || left <= 0) break
      await time.sleep(Math.min(pause, left))
    } catch (error) {
      if (time.isOver) return end(null)
      // What is not the service's, such as a full disk.
      if (failureOf(error) === undefined) throw error
      return end(error)
    }
  }
  return end(null)

  function isThere({ isSure, wanted }: Awaited): boolean {
    return isSure || shown.has(wanted.cid.key)
  }

  async function look(): Promise<void> {
    const byBucket = Map.groupBy(waiting.values(), ({ wanted }) => wanted.bucket)
    await Promise.all(
      byBucket.entries().map(async ([name, ofBucket]) => {
        await buckets.relist(name)
        const states = Map.groupBy(statesOf(name, ofBucket), ({ key }) => key)
        for (const one of ofBucket) note(one, states.get(one.wanted.cid.key) ?? [])
      }),
    )
  }

  function statesOf(name: string, ofBucket: readonly Awaited[]): Iterable<RequestState> {
    const unknown = buckets.sentSince(name)
    const oldest = ofBucket.reduce((least, { created }) => Math.min(least, created ?? unknown), Infinity)
    return buckets.since(name, oldest - second)
  }

  function note({ wanted, created }: Awaited, states: readonly RequestState[]): void {
    const { key } = wanted.cid
    // A request that failed before this one was sent tells nothing of it.
    const isOwn = (state: RequestState) =>
      created === null
        ? state.created > (wanted.failed?.created ?? Number.NEGATIVE_INFINITY)
        : state.created >= created - second
    const best = states.filter(isOwn).toSorted((a, b) => rank.indexOf(b.status) - rank.indexOf(a.status))[0]
    if (best === undefined) return
    const before = shown.get(key)
    if (before !== best.status) lastChange = performance.now()
    shown.set(key, best.status)
    // Services show a request as failed for a moment that comes to be pinned: it takes two looks, some time apart.
    if (best.status !== 'failed') failedSince.delete(key)
    else if (before !== 'failed') failedSince.set(key, performance.now())
    const since = failedSince.get(key)
    const isFailed =
      before === 'failed' &&
      since !== undefined &&
      performance.now() - since >= Math.min(settleTimeout, secondLook)
    if (best.status !== 'pinned' && !isFailed) return
    waiting.delete(key)
    onSettled(wanted, best)
  }
}
