import { keyOf, shownId, sumWith } from '../keys.ts'

/** The CIDs of the requests that failed at the service, each once: told by name where they are few, and a million may be. */
export class NamedRequests {
  readonly #ids = new Set<string>()
  #sum = 0n

  add(cid: string): void {
    const id = shownId(cid)
    if (this.#ids.has(id)) return
    this.#ids.add(id)
    this.#sum = sumWith(this.#sum, keyOf('request', id))
  }

  get size(): number {
    return this.#ids.size
  }

  /** Of all keys: see `sumWith`. */
  get sum(): bigint {
    return this.#sum
  }

  /** @param id as it is told */
  has(id: string): boolean {
    return this.#ids.has(id)
  }

  *keys(): Generator<string> {
    for (const id of this.#ids) yield keyOf('request', id)
  }
}
