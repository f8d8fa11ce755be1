/**
 * Waits for what takes no signal, as @actions/cache does not, no longer than until `signal` is aborted; what it still
 * does after that goes unheard.
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

/** Resolves once a signal is aborted, which is to be one that lives no longer than the wait. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
