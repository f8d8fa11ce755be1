import type { Problem } from '../domain/problem.ts'
import type { Sizes } from '../domain/storage.ts'
import { count, number, size } from '../text/numbers.ts'

/** Both have the same thing to do, and so are one. */
const todo = 'Make room on the node'

/** Before the first pin: what is to come is more than there is room for, as far as both are known. */
export function mayNotFit({ bytes, unknown }: Sizes, room: number | null, keepFree: number): Problem[] {
  if (room === null || bytes <= room) return []
  const others = unknown === 0 ? '' : `, besides ${count(unknown, 'CID')} of unknown size`
  const left =
    room > 0
      ? `the node has room for ${size(room)} before it has less than ${size(keepFree)} free (\`keep-free\`)`
      : `the node has less than ${size(keepFree)} free (\`keep-free\`)`
  return [
    {
      where: 'node',
      message: `up to ${size(bytes)} are missing${others}, and ${left}: not all will fit. Give its disk more room, or raise \`Datastore.StorageMax\` in its config`,
      todo,
      isError: false,
    },
  ]
}

/** Else `keep-free` would be switched off without a word. */
export function untoldRoom(why: string | null): Problem[] {
  if (why === null) return []
  return [
    {
      where: 'node',
      message: `\`keep-free\` counts for nothing, and a full disk is seen only once it is full: the node does not tell its room (${why}). Where \`API.Authorizations\` of its config limits paths, allow \`/api/v0/repo/stat\` and \`/api/v0/diag/sys\`; or set \`keep-free: 0B\` to go without`,
      todo: 'Let the node tell how much room it has',
      isError: false,
    },
  ]
}

/** What found no room: a person must make some. */
export function noRoom(
  left: number,
  tooLarge: { readonly cids: number; readonly bytes: number },
  keepFree: number,
): Problem {
  const waits = `${count(left, 'CID')} ${left === 1 ? 'waits' : 'wait'}`
  const what =
    tooLarge.cids === 0
      ? `the node has less than ${size(keepFree)} free (\`keep-free\`), so no more pins were begun and ${waits} for room`
      : `${waits} for room, of which ${number(tooLarge.cids)} with ${size(tooLarge.bytes)} would leave the node less than ${size(keepFree)} free (\`keep-free\`)`
  return {
    where: 'node',
    message: `${what}. Give its disk more room, raise \`Datastore.StorageMax\` in its config, or lower \`keep-free\`; the next run goes on`,
    short: `the node has no room for ${count(left, 'CID')}`,
    todo,
    isError: true,
  }
}
