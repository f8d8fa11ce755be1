import { peerIdOf } from '../../../src/domain/delegate.ts'
import { RpcError } from './rpc.ts'

/** The node's connections and its peering, in Kubo's shapes. */
export class Swarm {
  /** Addresses of the connected peers by peer ID. */
  readonly connected = new Map<string, string>()
  /** Addresses of the peers to stay connected to, by peer ID. */
  readonly peering = new Map<string, readonly string[]>()
  /** Whether a dial to a multiaddr succeeds. */
  reachable: (address: string) => boolean
  readonly #onChange: () => void

  constructor(reachable: (address: string) => boolean, onChange: () => void) {
    this.reachable = reachable
    this.#onChange = onChange
  }

  connect(addresses: readonly string[]): object {
    const [peer = '', all] = onePeer(addresses)
    if (!this.connected.has(peer) && !this.#dial(peer, all)) {
      const shown = `[${withoutPeer(all[0] ?? '')}] dial tcp4: connect: connection refused`
      const dial = `failed to dial: failed to dial ${peer}: all dials failed\n  * ${shown}`
      throw new RpcError(`connect ${peer} failure: ${dial}`)
    }
    return { Strings: [`connect ${peer} success`] }
  }

  disconnect(peer: string): void {
    this.connected.delete(peer)
    this.#onChange()
  }

  peers(): object {
    const unidentified = { ID: '', PublicKey: '', Addresses: null, AgentVersion: '', Protocols: null }
    const peers = [...this.connected].map(([Peer, Addr]) => ({ Addr, Peer, Identify: unidentified }))
    return { Peers: peers.length === 0 ? null : peers }
  }

  /** Replaces the addresses of the peer; that it can't be dialled is no error. */
  addPeering(addresses: readonly string[]): object {
    const [peer, all] = onePeer(addresses)
    this.peering.set(peer, all.map(withoutPeer))
    this.#dial(peer, all)
    return { ID: peer, Status: 'success' }
  }

  removePeering(peer: string): object {
    this.peering.delete(peer)
    return { ID: peer, Status: 'success' }
  }

  listPeering(): object {
    return { Peers: [...this.peering].map(([ID, Addrs]) => ({ ID, Addrs })) }
  }

  #dial(peer: string, addresses: readonly string[]): boolean {
    const address = addresses.find((one) => this.reachable(one))
    if (address === undefined) return false
    this.connected.set(peer, withoutPeer(address))
    this.#onChange()
    return true
  }
}

function onePeer(addresses: readonly string[]): [string, readonly string[]] {
  for (const address of addresses)
    if (!address.startsWith('/'))
      throw new RpcError(`failed to parse multiaddr "${address}": must begin with /`)
  const peer = peerIdOf(addresses[0] ?? '')
  if (peer === undefined) throw new RpcError('invalid p2p multiaddr')
  return [peer, addresses]
}

const withoutPeer = (address: string) => address.replace(/\/p2p\/[^/]*$/, '')
