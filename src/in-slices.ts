import { setImmediate } from 'node:timers/promises'
import type { LongWork } from './domain/long-work.ts'

/**
 * Does long work while timers, answers and signals have their turns.
 * @throws the signal's reason, where it ends the work
 */
export async function inSlices<T>(work: LongWork<T>, signal?: AbortSignal): Promise<T> {
  using _ = { [Symbol.dispose]: () => void work.return(undefined as never) }
  for (;;) {
    signal?.throwIfAborted()
    const { done, value } = work.next()
    if (done) return value
    await setImmediate()
  }
}
