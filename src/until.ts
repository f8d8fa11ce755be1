import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits for something that takes no signal, such as @actions/cache, but no longer than until `signal` is aborted. What
 * it still does after that is ignored.
 * @throws the signal's reason
 */
export async function until<T>(signal: AbortSignal, start: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([start(), aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Resolves once a signal is aborted. Give it a signal that is made for this wait: its listener stays. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Waits so many ms. @throws the signal's reason, where it is aborted first; Node's timer would throw an error of its own */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}
