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
  for (const item of items) {
    while (working.size >= width()) await Promise.race(working)
    const one: Promise<void> = work(item).finally(() => working.delete(one))
    // The first failure is what the caller hears; one that comes after it has nobody who waits.
    one.catch(() => undefined)
    working.add(one)
  }
  await Promise.all(working)
}
