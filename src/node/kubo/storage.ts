import { ZodError } from 'zod'
import type { Storage } from '../../domain/storage.ts'
import { RequestError, StatusError } from '../../errors.ts'
import type { Query } from '../endpoint.ts'
import { repoSize, systemInfo } from './answers.ts'
import type { KuboRpc } from './rpc.ts'

/** How long the node may be silent, in ms. */
const deadline = 10_000
/** What a new repository has in `Datastore.StorageMax`: nobody chose it, and Kubo pins beyond it. */
const unchosen = 10_000_000_000

/** Asks Kubo how much its repository takes, and how much its disk has left. */
export class KuboStorage {
  readonly #rpc: KuboRpc

  constructor(rpc: KuboRpc) {
    this.#rpc = rpc
  }

  /** A node may allow us less than these calls, or have no such disk: then that much is not known. */
  async ask(signal: AbortSignal): Promise<Storage> {
    const untold: string[] = []
    const onUntold = (why: string) => void untold.push(why)
    // Without `size-only` it counts every block: 0.3 s for 40,000 (measured).
    const [repo, system] = await Promise.all([
      this.#orNothing({ signal, onUntold }, 'repo/stat', [['size-only', 'true']], (json) =>
        repoSize.parse(json),
      ),
      this.#orNothing({ signal, onUntold }, 'diag/sys', [], (json) => systemInfo.parse(json)),
    ])
    const { free_space = 0, total_space = 0 } = system?.diskinfo ?? {}
    return {
      used: repo?.RepoSize ?? 0,
      most: repo === undefined ? null : chosen(repo.StorageMax),
      // On Linux Kubo calls `total_space` what others than root have left, and `free_space` that and what is kept for
      // root (measured); elsewhere the names are right. So it is always the smaller one.
      free: system === undefined ? null : Math.min(free_space, total_space),
      untold: untold.length === 0 ? null : untold.sort().join(', '),
    }
  }

  async #orNothing<T>(
    { signal, onUntold }: { readonly signal: AbortSignal; readonly onUntold: (why: string) => void },
    path: string,
    query: Query,
    read: (json: unknown) => T,
  ): Promise<T | undefined> {
    try {
      const { text } = await this.#rpc.ask(path, query, { signal, deadline, repeatable: true, tries: 2 })
      return read(JSON.parse(text))
    } catch (error) {
      signal.throwIfAborted()
      if (![RequestError, ZodError, SyntaxError].some((kind) => error instanceof kind)) throw error
      onUntold(`${path}: ${lack(error)}`)
      return undefined
    }
  }
}

function lack(error: unknown): string {
  if (error instanceof StatusError) return `status ${error.status}`
  return error instanceof RequestError ? error.message : 'not as Kubo answers'
}

function chosen(most: number): number | null {
  return most === unchosen || !Number.isSafeInteger(most) ? null : most
}
