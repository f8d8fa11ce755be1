import { once } from 'node:events'
import type { CidKey } from '../../../src/domain/cid.ts'
import { RpcError } from './rpc.ts'

export interface Provider {
  readonly peerId: string
  readonly addresses: readonly string[]
}

/** What the node learns of the network about who has what, in the events of `routing/findprovs`. */
export class Routing {
  /** `none`: the node has no routing; `nobody`: it knows no peer to ask; `offline`: its daemon runs without a network. */
  state: 'online' | 'none' | 'nobody' | 'offline' = 'none'
  /** Whether a search comes to an end. */
  ends = true
  readonly #providers = new Map<CidKey, readonly Provider[]>()

  provide(key: CidKey, providers: readonly Provider[]): void {
    this.#providers.set(key, providers)
  }

  async *find(key: CidKey, most: number, signal: AbortSignal): AsyncGenerator<object> {
    if (most < 1) throw new RpcError('number of providers must be greater than 0')
    if (this.state === 'offline')
      throw new RpcError("this command must be run in online mode. Try running 'ipfs daemon' first")
    if (this.state === 'nobody') yield event({ Type: 3, Extra: 'failed to find any peer in table' })
    if (this.state !== 'online') return
    for (const { peerId, addresses } of (this.#providers.get(key) ?? []).slice(0, most))
      yield event({ Type: 4, Responses: [{ ID: peerId, Addrs: addresses }] })
    // It asks a peer, and the peer knows of no other.
    yield event({ Type: 0, ID: someone })
    if (!this.ends) await once(signal, 'abort')
    yield event({ Type: 1, ID: someone, Responses: [] })
  }
}

const someone = '12D3KooWLfoZDGu6cDwqhXBPv3xwh2Wfbwb8z4eJ5JgPuMYCHKyP'

function event(fields: object): object {
  return { Extra: '', ID: '', Responses: null, ...fields }
}
