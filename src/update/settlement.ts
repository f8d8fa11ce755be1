import type { CidKey } from '../domain/cid.ts'
import type { Status } from '../domain/pin.ts'
import type { Wanted } from '../domain/plan-update.ts'
import { Settling, shownBefore, tellingOf } from '../domain/settling.ts'
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

/** Follows what was sent until the service says that it is pinned or failed, by listing what is unsettled. */
export async function settle(
  sent: readonly Awaited[],
  { buckets, onSettled }: SettlementEdges,
  { settleTimeout, time }: SettlementOptions,
): Promise<Settlement> {
  const waiting = new Map(sent.map((one) => [one.wanted.cid.key, one]))
  const settling = new Settling(settleTimeout, performance.now())
  const { shown } = settling
  const end = (error: unknown) => ({ pending: [...waiting.values()], shown, error })
  for (let pause = pauses.first; waiting.size > 0; pause = Math.min(2 * pause, pauses.longest)) {
    try {
      time.inTime.throwIfAborted()
      await look()
      const left = settling.left(waiting.values().some(isThere), performance.now())
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
    return buckets.since(name, oldest - shownBefore)
  }

  function note({ wanted, created }: Awaited, states: readonly RequestState[]): void {
    const { key } = wanted.cid
    const telling = tellingOf(states, { created, failedBefore: wanted.failed?.created })
    if (telling === undefined || !settling.see(key, telling.status, performance.now())) return
    waiting.delete(key)
    onSettled(wanted, telling)
  }
}
