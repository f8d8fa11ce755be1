import { roomIn } from './domain/storage.ts'
import type { Intake } from './intake.ts'
import type { Node } from './node/node.ts'
import { pause } from './until.ts'

/** Between two looks, ms. */
const every = 10_000

/**
 * Asks the node now and then how much room it has, as long as something comes, until it is disposed of.
 * @param pauseMs between two looks
 */
export function watchRoom(
  node: Pick<Node, 'storage'>,
  intake: Intake,
  { keepFree, signal }: { readonly keepFree: number; readonly signal: AbortSignal },
  pauseMs = every,
): AsyncDisposable {
  const ending = new AbortController()
  const either = AbortSignal.any([signal, ending.signal])
  const look = async () => {
    for (let seen = intake.fetched; ; ) {
      await pause(pauseMs, either)
      if (intake.fetched === seen) continue
      seen = intake.fetched
      const { bytes } = await roomNow(node, keepFree, either)
      if (bytes !== null) intake.see(bytes)
    }
  }
  const looking = look().catch((error: unknown) => {
    if (!either.aborted) return error
    return undefined
  })
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      const error = await looking
      if (error !== undefined) throw error
    },
  }
}

export interface SeenRoom {
  /** What may come before the node has less than `keepFree`; `null` where it does not say, or that is not looked at. */
  readonly bytes: number | null
  /** Why it does not say, though it was asked, and nodes of its kind can; else `null`. */
  readonly untold: string | null
}

export async function roomNow(
  node: Pick<Node, 'storage'>,
  keepFree: number,
  signal: AbortSignal,
): Promise<SeenRoom> {
  if (keepFree === 0) return nothingSeen
  const storage = await node.storage(signal)
  if (storage === undefined) return nothingSeen
  const room = roomIn(storage)
  return room === null ? { bytes: null, untold: storage.untold } : { bytes: room - keepFree, untold: null }
}

export const nothingSeen: SeenRoom = { bytes: null, untold: null }
