import { type CidKey, cidForms, cidV1, type PinCid, parseCid } from '../../domain/cid.ts'
import type { ReplicatedPin } from '../../domain/replication.ts'
import { NodeError, PinError } from '../../errors.ts'
import type { Query } from '../endpoint.ts'
import { saysFull } from '../system-words.ts'
import { handedOver, pinStatus } from './answers.ts'
import { Refusal } from './errors.ts'
import type { ClusterRest, RequestOptions } from './rest.ts'
import { isGiven, replicatedPin, unsettledFilter } from './statuses.ts'

/**
 * How long the cluster may be silent, in ms. It answers `GET /pins` with the first byte once all peers have answered, and
 * gives each of them 15 s where it asks for a single CID.
 */
const deadlines = { look: 60_000, list: 300_000, write: 60_000 }

/** Hands CIDs over and looks how they stand. Nothing is ever unpinned. */
export class ClusterPins {
  readonly #rest: ClusterRest

  constructor(rest: ClusterRest) {
    this.#rest = rest
  }

  /** All that the cluster has, or those that a filter lets through. */
  async *list(query: Query, signal: AbortSignal): AsyncIterable<ReplicatedPin> {
    const listing = { signal, deadline: deadlines.list, repeatable: true, tries: 3 }
    for await (const status of this.#statuses(query, listing)) yield replicatedPin(status)
  }

  unsettled(signal: AbortSignal): AsyncIterable<ReplicatedPin> {
    return this.list([['filter', unsettledFilter]], signal)
  }

  async look(cids: readonly PinCid[], signal: AbortSignal): Promise<ReadonlyMap<CidKey, ReplicatedPin>> {
    // To the cluster v0 and v1 are two pins.
    const forms = new Map<string, CidKey>()
    for (const { key, text } of cids) for (const form of [text, ...cidForms(key)]) forms.set(form, key)
    const found = new Map<CidKey, ReplicatedPin>()
    const looking = { signal, deadline: deadlines.look, repeatable: true, tries: 3 }
    for await (const status of this.#statuses([['cids', [...forms.keys()].join(',')]], looking)) {
      const key = parseCid(status.cid)?.key
      if (key === undefined || !isGiven(status)) continue
      const pin = replicatedPin(status)
      // Of two forms the one that is pinned counts.
      if (!found.has(key) || pin.peers.some(({ standing }) => standing === 'pinned')) found.set(key, pin)
    }
    return found
  }

  async handOver(
    cid: PinCid,
    { name, origins, signal }: { name: string | null; origins: readonly string[]; signal: AbortSignal },
  ): Promise<void> {
    const query: Query = []
    if (name !== null) query.push(['name', name])
    if (origins.length > 0) query.push(['origins', origins.join(',')])
    // Never repeated by itself: the first try may have been taken in, and asked again it is written anew.
    const writing = { signal, deadline: deadlines.write, repeatable: false }
    // Base64 has slashes, which would make another path of it.
    const path = `pins/${cid.text.includes('/') ? cidV1(cid.key) : cid.text}`
    const taken = await this.#ofOneCid(path, async () => {
      const { json } = await this.#rest.ask('POST', path, query, writing)
      return handedOver.parse(json)
    })
    if (parseCid(taken.cid)?.key === cid.key) return
    throw new NodeError(
      'bad-answer',
      `${this.#rest.shown} was given ${cid.text} and took ${taken.cid.slice(0, 100)}`,
    )
  }

  async recover({ cid }: ReplicatedPin, signal: AbortSignal): Promise<void> {
    const path = `pins/${cid}/recover`
    const writing = { signal, deadline: deadlines.write, repeatable: true, tries: 2 }
    await this.#ofOneCid(path, () => this.#rest.ask('POST', path, [], writing))
  }

  async *#statuses(query: Query, options: RequestOptions) {
    try {
      for await (const line of this.#rest.stream('pins', query, options)) yield pinStatus.parse(line)
    } catch (error) {
      throw ofWholeCluster(this.#rest, 'pins', error)
    }
  }

  /** What the cluster itself says to one request about one CID is no fault of the whole yet. */
  async #ofOneCid<T>(path: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      const explained = this.#rest.explain(path, error)
      if (!(explained instanceof Refusal)) throw explained
      const { message, isUnreadable } = explained
      throw new PinError(message, { cause: explained, saysFull: saysFull(message), isOwn: isUnreadable })
    }
  }
}

/** A refusal of what concerns no single CID is the cluster's fault. */
export function ofWholeCluster(rest: ClusterRest, path: string, error: unknown): unknown {
  const explained = rest.explain(path, error)
  if (!(explained instanceof Refusal)) return explained
  return new NodeError(
    'bad-answer',
    `the cluster at ${rest.shown} fails /${path}: ${explained.message}`,
    explained,
  )
}
