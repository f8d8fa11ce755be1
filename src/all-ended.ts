/**
 * The same as `Promise.all`, but for one that fails: the others are waited for before its error is thrown, so that
 * nothing is under way any more by then.
 */
export async function allEnded<T extends readonly unknown[] | []>(
  works: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(works)
  return Promise.all(works)
}
