export interface Cost {
  /** From start to end. */
  readonly seconds: number
  /** Of all threads of this process. */
  readonly cpuSeconds: number
}

/** Does something, and says what it took. */
export async function measured<T>(work: () => Promise<T> | T): Promise<Cost & { readonly result: T }> {
  const before = process.cpuUsage()
  const started = performance.now()
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  return { result, seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 }
}
