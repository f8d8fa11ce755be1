import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/**
 * Writes a file as what is in it is made: a reader finds the old one or the new one whole, never half of one, and nothing
 * else is left beside it.
 * @param signal once aborted, no more is written
 * @param through changes what is written, such as a compression
 * @returns whether all was written
 */
export async function writeWhole(
  path: string,
  pieces: Iterable<string> | AsyncIterable<string>,
  {
    signal,
    through = [],
  }: { readonly signal: AbortSignal | undefined; readonly through?: NodeJS.ReadWriteStream[] },
): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true })
  const half = `${path}.${process.pid}.tmp`
  await rm(half, { force: true, recursive: true })
  // Made anew, so that it leads nowhere else: in a folder of all, such as /tmp, others may have put a link there.
  const file = await open(half, 'wx')
  try {
    await pipeline([Readable.from(pieces), ...through, file.createWriteStream()], { signal })
    await rename(half, path)
    return true
  } catch (error) {
    await rm(half, { force: true })
    if (signal?.aborted) return false
    throw error
  }
}
