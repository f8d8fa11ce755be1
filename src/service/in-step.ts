/**
 * Works on items in their order, some at the same time: how many is asked anew before each.
 * @throws what the first that fails throws, once those under way have ended: nothing more is begun
 */
export async function inStep<T>(
  items: Iterable<T>,
  width: () => number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const working = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  for (const item of items) {
    while (failure === undefined && working.size >= width()) await Promise.race(working)
    if (failure !== undefined) break
    begin(item)
  }
  await Promise.all(working)
  if (failure !== undefined) throw failure.error

  function begin(item: T): void {
    const one: Promise<void> = work(item)
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => working.delete(one))
    working.add(one)
  }
}
