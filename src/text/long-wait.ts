/** What is waited less than this, in ms, is not worth a line. */
export const worthALine = 2_000

/** Says what is waited for, where it takes so long that somebody may wonder. */
export async function saidWhereLong<T>(wait: PromiseLike<T>, say: () => void): Promise<T> {
  const timer = setTimeout(say, worthALine)
  try {
    return await wait
  } finally {
    clearTimeout(timer)
  }
}
