import { allEnded } from '../all-ended.ts'
import { type LongWork, paused } from '../domain/long-work.ts'
import { type Status, statuses } from '../domain/pin.ts'
import type { UpdateAgenda } from '../domain/plan-update.ts'
import { type SentRequest, Settling, shownBefore, tellsMore } from '../domain/settling.ts'
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
  /** Called after each look: so long is it still waited where nothing changes, ms. */
  readonly onLooked?: ((left: number) => void) | undefined
}

export interface SettlementOptions {
  /** How long to wait after the last change, ms. */
  readonly settleTimeout: number
  readonly time: RunTime
}

/** Between two looks, ms: the wait doubles. */
const pauses = { first: 1000, longest: 30_000 }
/**
 * Follows what was sent until the service says that it is pinned or failed, by listing what is unsettled.
 * @returns the fault of the whole service that ended it before its time; `null` for none
 */
export async function settle(
  agenda: UpdateAgenda,
  followed: Followed,
  { buckets, onSettled, onLooked }: SettlementEdges,
  { settleTimeout, time }: SettlementOptions,
): Promise<unknown> {
  const settling = new Settling(settleTimeout, performance.now())
  for (let pause = pauses.first; followed.waiting > 0; pause = Math.min(2 * pause, pauses.longest)) {
    try {
      time.inTime.throwIfAborted()
      await allEnded(followed.bucketsWaiting().map(lookAt))
      const left = settling.left(followed.isAnyThere(), performance.now())
      onLooked?.(left)
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
    const bestOf = (index: number) => statuses[(best[index] as number) - 1]
    const failed = new Map<number, RequestState>()
    yield* paused(buckets.since(bucket, oldest - shownBefore), (state) => {
      const index = agenda.indexOf(state.key)
      if (index === -1 || !followed.waits(index) || followed.bucketOf(index) !== bucket) return
      if (!tellsMore(state, bestOf(index), sentAs(index))) return
      best[index] = statuses.indexOf(state.status) + 1
      if (state.status === 'failed') failed.set(index, state)
    })
    yield* paused(followed.waitingIn(bucket), (index) => {
      const status = bestOf(index)
      if (status !== undefined) note(index, status, failed.get(index))
    })
  }

  function sentAs(index: number): SentRequest {
    const created = followed.createdOf(index)
    return { created, failedBefore: created === null ? agenda.at(index).failed?.created : undefined }
  }

  function note(index: number, status: Status, failed: RequestState | undefined): void {
    const isSettled = settling.see(index, status, followed.shown(index), performance.now())
    followed.show(index, status)
    if (!isSettled) return
    followed.end(index)
    onSettled(index, status === 'pinned' ? null : (failed as RequestState))
  }
}
