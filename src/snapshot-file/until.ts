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
