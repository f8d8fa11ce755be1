import { type LongWork, paused } from '../domain/long-work.ts'
import type { Status } from '../domain/pin.ts'
import type { UpdateAgenda } from '../domain/plan-update.ts'
import { inSlices } from '../in-slices.ts'
import type { RunTime } from '../run-time.ts'
import type { RequestState } from '../snapshot/bucket/requests.ts'
import type { Followed } from './followed.ts'
import { failureOf } from './sending/failure-of.ts'
import type { SettlingBuckets } from './settling-buckets.ts'

export interface SettlementEdges {
  readonly buckets: SettlingBuckets
  /** Called for each as it is settled: it is pinned, or the request that failed. */
  readonly onSettled: (index: number, failed: RequestState | null) => void
}

export interface SettlementOptions {
  /** How long to wait after the last change, ms. */
  readonly settleTimeout: number
  readonly time: RunTime
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

/**
 * Follows what was sent until the service says that it is pinned or failed, by listing what is unsettled.
 * @returns the fault of the whole service that ended it before its time; `null` for none
 */
export async function settle(
  agenda: UpdateAgenda,
  followed: Followed,
  { buckets, onSettled }: SettlementEdges,
  { settleTimeout, time }: SettlementOptions,
): Promise<unknown> {
  const failedSince = new Map<number, number>()
  let lastChange = performance.now()
  for (let pause = pauses.first; followed.waiting > 0; pause = Math.min(2 * pause, pauses.longest)) {
    try {
      time.inTime.throwIfAborted()
      await Promise.all(followed.bucketsWaiting().map(lookAt))
      const wait = followed.isAnyThere() ? settleTimeout : Math.min(settleTimeout, patience)
      const left = lastChange + wait - performance.now()
      if (followed.waiting === 0 || left <= 0) break
      await time.sleep(Math.min(pause, left))
    } catch (error) {
      if (time.isOver) return null
      // What is not the service's, such as a full disk.
      if (failureOf(error) === undefined) throw error
      return error
    }
  }
  return null

  async function lookAt(bucket: string): Promise<void> {
    await buckets.relist(bucket)
    await inSlices(noteIn(bucket), time.inTime)
  }

  function* noteIn(bucket: string): LongWork<void> {
    const unknown = buckets.sentSince(bucket)
    let oldest = Number.POSITIVE_INFINITY
    yield* paused(followed.waitingIn(bucket), (index) => {
      oldest = Math.min(oldest, followed.createdOf(index) ?? unknown)
    })
    const best = new Uint8Array(agenda.length)
    const failed = new Map<number, RequestState>()
    yield* paused(buckets.since(bucket, oldest - second), (state) => {
      const index = agenda.indexOf(state.key)
      if (index === -1 || !followed.waits(index) || followed.bucketOf(index) !== bucket) return
      const found = rank.indexOf(state.status) + 1
      if (found <= (best[index] as number) || !isOwn(index, state)) return
      best[index] = found
      if (state.status === 'failed') failed.set(index, state)
    })
    yield* paused(followed.waitingIn(bucket), (index) => {
      const status = rank[(best[index] as number) - 1]
      if (status !== undefined) note(index, status, failed.get(index))
    })
  }

  /** A request that failed before this one was sent tells nothing of it. */
  function isOwn(index: number, state: RequestState): boolean {
    const created = followed.createdOf(index)
    return created === null
      ? state.created > (agenda.at(index).failed?.created ?? Number.NEGATIVE_INFINITY)
      : state.created >= created - second
  }

  function note(index: number, status: Status, failed: RequestState | undefined): void {
    const before = followed.shown(index)
    if (before !== status) lastChange = performance.now()
    followed.show(index, status)
    if (status === 'pinned') {
      followed.end(index)
      onSettled(index, null)
      return
    }
    // Services show a request as failed for a moment that comes to be pinned: it takes two looks, some time apart.
    if (status !== 'failed') failedSince.delete(index)
    else if (before !== 'failed') failedSince.set(index, performance.now())
    const since = failedSince.get(index)
    const isLongAgo = performance.now() - (since ?? 0) >= Math.min(settleTimeout, secondLook)
    if (before !== 'failed' || since === undefined || failed === undefined || !isLongAgo) return
    followed.end(index)
    onSettled(index, failed)
  }
}
