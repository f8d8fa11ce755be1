/**
 * Works on items in their order, some at the same time: how many is asked anew before each.
 * @throws what the first that fails throws, at once; the others under way go on
 */
export async function inStep<T>(
  items: Iterable<T>,
  width: () => number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const working = new Set<Promise<void>>()
  // Kept here, as the race may hear of another one first: two may end in the same turn of the event loop.
  let failure: { readonly error: unknown } | undefined
  for (const item of items) {
    while (working.size >= width()) await untilOneEnds()
    begin(item)
  }
  while (working.size > 0) await untilOneEnds()

  function begin(item: T): void {
    const one: Promise<void> = work(item)
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => working.delete(one))
    working.add(one)
  }

  async function untilOneEnds(): Promise<void> {
    await Promise.race(working)
    if (failure !== undefined) throw failure.error
  }
}
