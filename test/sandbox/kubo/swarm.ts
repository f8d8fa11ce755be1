import { peerIdOf } from '../../../src/domain/delegate.ts'
import { isPrivateAddress } from '../../../src/domain/hosts.ts'
import { RpcError } from './rpc.ts'

/** The node's connections and its peering, in Kubo's shapes. */
export class Swarm {
  /** Addresses of the connected peers by peer ID. */
  readonly connected = new Map<string, string>()
  /** Addresses of the peers to stay connected to, by peer ID. */
  readonly peering = new Map<string, readonly string[]>()
  /** Whether a dial to a multiaddr succeeds. */
  reachable: (address: string) => boolean
  readonly #self: string
  readonly #onChange: () => void

  constructor(self: string, reachable: (address: string) => boolean, onChange: () => void) {
    this.#self = self
    this.reachable = reachable
    this.#onChange = onChange
  }

  /**
   * Whether the node asks a peer for blocks that it is connected to (measured): one that it is peered with, or one at an
   * address of this machine or a private network. Others it asks only once they gave it some.
   */
  isAsked(peer: string): boolean {
    const address = this.connected.get(peer)
    return address !== undefined && (this.peering.has(peer) || isNear(address))
  }

  connect(addresses: readonly string[]): object {
    const dialled = [...byPeer(addresses)]
    for (const [peer, all] of dialled) {
      const failed = (why: string) => new RpcError(`connect ${peer} failure: failed to dial: ${why}`)
      if (peer === this.#self) throw failed('dial to self attempted')
      if (this.connected.has(peer) || this.#dial(peer, all)) continue
      const tried = all.map(
        (address) => `\n  * [${withoutPeer(address)}] dial tcp4: connect: connection refused`,
      )
      throw failed(`failed to dial ${peer}: all dials failed${tried.join('')}`)
    }
    return { Strings: dialled.map(([peer]) => `connect ${peer} success`) }
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

  /**
   * Replaces the addresses of each peer named. Nobody is dialled: Kubo first does so 7.5 to 12.5 s later, for which no
   * test waits.
   */
  addPeering(addresses: readonly string[]): object[] {
    const peers = byPeer(addresses)
    for (const [peer, all] of peers) this.peering.set(peer, all.map(withoutPeer).filter(Boolean))
    return [...peers.keys()].map((ID) => ({ ID, Status: 'success' }))
  }

  removePeering(peer: string): object {
    if (peerIdOf(`/p2p/${peer}`) === undefined) throw new RpcError('failed to parse peer ID: invalid cid')
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

/** The addresses of each peer. One that is bad is enough for none to be taken. */
function byPeer(addresses: readonly string[]): Map<string, string[]> {
  for (const address of addresses) checkMultiaddr(address)
  return Map.groupBy(addresses, (address) => {
    const peer = peerIdOf(address)
    if (peer === undefined) throw new RpcError('invalid p2p multiaddr')
    return peer
  })
}

/** What Kubo can't read: the sandbox knows two cases, the second of which other programs can. */
export function checkMultiaddr(address: string): void {
  const unreadable = (why: string) => new RpcError(`failed to parse multiaddr "${address}": ${why}`)
  if (!address.startsWith('/')) throw unreadable('must begin with /')
  if (address.startsWith('/garlic64/jT/'))
    throw unreadable('invalid value "jT" for protocol garlic64: failed to validate garlic addr')
}

function isNear(address: string): boolean {
  const [, protocol, host = ''] = address.split('/')
  return (protocol === 'ip4' || protocol === 'ip6') && isPrivateAddress(host)
}

const withoutPeer = (address: string) => address.replace(/\/p2p\/[^/]*$/, '')
