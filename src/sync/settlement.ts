import type { CidKey } from '../domain/cid.ts'
import type { Status } from '../domain/pin.ts'
import type { RunTime } from '../run-time.ts'
import type { RequestState } from '../snapshot/requests.ts'
import type { Accepted } from './send.ts'
import type { SettlingBuckets } from './settling-buckets.ts'

export interface SettlementEdges {
  readonly buckets: SettlingBuckets
  readonly onSettled: (accepted: Accepted, state: RequestState) => void
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

const rank: readonly Status[] = ['failed', 'queued', 'pinning', 'pinned']

/**
 * Follows accepted requests until the service says that they are pinned or failed, by listing what is unsettled.
 * @returns those that are neither when it ends, and what ended it before its time
 */
export async function settle(
  accepted: readonly Accepted[],
  { buckets, onSettled }: SettlementEdges,
  { settleTimeout, time }: SettlementOptions,
): Promise<{ readonly pending: readonly Accepted[]; readonly error: unknown }> {
  const waiting = new Map(accepted.map((one) => [one.wanted.cid.key, one]))
  const seen = new Map<CidKey, Status>()
  let lastChange = performance.now()
  for (let pause = pauses.first; waiting.size > 0; pause = Math.min(2 * pause, pauses.longest)) {
    try {
      time.inTime.throwIfAborted()
      await look()
      const left = lastChange + settleTimeout - performance.now()
      if (waiting.size === 0 || left <= 0) break
      await time.sleep(Math.min(pause, left))
    } catch (error) {
      return { pending: [...waiting.values()], error: time.isOver ? null : error }
    }
  }
  return { pending: [...waiting.values()], error: null }

  async function look(): Promise<void> {
    const byBucket = Map.groupBy(waiting.values(), ({ wanted }) => wanted.bucket)
    await Promise.all(
      byBucket.entries().map(async ([name, sent]) => {
        await buckets.relist(name)
        const oldest = sent.reduce((least, { created }) => Math.min(least, created), Infinity)
        const states = Map.groupBy(buckets.since(name, oldest - second), ({ key }) => key)
        for (const one of sent) note(one, states.get(one.wanted.cid.key) ?? [])
      }),
    )
  }

  function note(accepted: Accepted, states: readonly RequestState[]): void {
    const { wanted } = accepted
    // A request that failed before this one was sent tells nothing of it.
    const own = states.filter(({ created }) => created >= accepted.created - second)
    const best = own.toSorted((a, b) => rank.indexOf(b.status) - rank.indexOf(a.status))[0]
    if (best === undefined) return
    if (seen.get(wanted.cid.key) !== best.status) lastChange = performance.now()
    seen.set(wanted.cid.key, best.status)
    if (best.status !== 'pinned' && best.status !== 'failed') return
    waiting.delete(wanted.cid.key)
    onSettled(accepted, best)
  }
}
