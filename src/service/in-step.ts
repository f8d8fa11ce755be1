/**
 * Works on items in their order, so many at once as there are to be by then.
 * @throws what the first to fail throws, when it does; those that are under way go on
 */
export async function inStep<T>(
  items: Iterable<T>,
  width: () => number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const working = new Set<Promise<void>>()
  // Kept, as it need not be the first that a race hears of: two may end in one turn.
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
