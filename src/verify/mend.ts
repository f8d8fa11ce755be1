import type { DelegateConnector } from '../delegates/connector.ts'
import type { PinCid } from '../domain/cid.ts'
import type { SeenDelegate } from '../domain/delegate.ts'
import { NodeError, PinError } from '../errors.ts'
import type { Gateways } from '../gateways/gateways.ts'
import type { ImportingNode, VerifyingNode } from '../node/node.ts'
import { Patience } from '../patience.ts'

const overBefore = 'the time for verifying was over before it came'

interface MendingEdges {
  readonly node: VerifyingNode
  readonly importing: ImportingNode | undefined
  readonly gateways: Gateways
  readonly delegates: Pick<DelegateConnector, 'peerFor'>
  /** The service's peers, by the buckets that show them. */
  readonly seen: readonly SeenDelegate[]
}

/** Fetches what DAGs lack from the service's peers, and then from gateways. A pin that exists is never added again: Kubo would drop it first. */
export class Mender {
  readonly #edges: MendingEdges
  readonly #stallTimeout: number
  readonly #delegates = new Map<string, readonly string[]>()

  constructor(edges: MendingEdges, { stallTimeout }: { readonly stallTimeout: number }) {
    this.#edges = edges
    this.#stallTimeout = stallTimeout
  }

  /**
   * @param bucket whose peers may have it
   * @returns why its blocks did not come; `undefined` where they did
   * @throws what nobody expected
   */
  async fetch(cid: PinCid, bucket: string, signal: AbortSignal): Promise<string | undefined> {
    const reason = await this.#fromPeers(cid, bucket, signal)
    const { importing, gateways } = this.#edges
    if (reason === undefined || importing === undefined || !gateways.areAny || signal.aborted) return reason
    try {
      const other = await gateways.fetch({ cid, size: null }, importing, signal)
      return other && `${reason}; ${other}`
    } catch (error) {
      if (signal.aborted) return overBefore
      throw error
    }
  }

  async #fromPeers(cid: PinCid, bucket: string, signal: AbortSignal): Promise<string | undefined> {
    const { node, delegates } = this.#edges
    const stalled = new AbortController()
    using patience = new Patience(this.#stallTimeout, () => stalled.abort())
    try {
      await delegates.peerFor(this.#delegatesOf(bucket), signal)
      patience.restart()
      await node.fetchMissing(cid, {
        onBlock: () => patience.restart(),
        signal: AbortSignal.any([signal, stalled.signal]),
      })
      return undefined
    } catch (error) {
      if (signal.aborted) return overBefore
      if (stalled.signal.aborted) return `it did not come within ${this.#stallTimeout / 1000} s`
      if (error instanceof PinError || error instanceof NodeError) return error.message
      throw error
    }
  }

  /** The same list each time, by which the connector knows that it has seen to it. */
  #delegatesOf(bucket: string): readonly string[] {
    const known = this.#delegates.get(bucket)
    if (known !== undefined) return known
    const shown = this.#edges.seen.filter(({ buckets }) => buckets.includes(bucket))
    const latest = shown.toSorted((a, b) => b.lastSeen - a.lastSeen).map(({ address }) => address)
    this.#delegates.set(bucket, latest)
    return latest
  }
}
