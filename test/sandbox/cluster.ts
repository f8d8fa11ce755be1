import { type CidKey, parseCid } from '../../src/domain/cid.ts'
import { refusal, restStream } from './cluster/answers.ts'
import { SandboxPeer } from './cluster/peer.ts'
import {
  type GivenPin,
  readGiven,
  singleStatusOf,
  statusOf,
  unpinnedStatus,
  wordsOf,
} from './cluster/pins.ts'
import { peerIds } from './identity.ts'
import { type Answer, json, type RecordedRequest, SandboxServer } from './server.ts'

export interface ClusterOptions {
  /** How many peers there are. Default: 3. */
  readonly peers?: number
  /** How many of them are to have a CID; -1 for all. Default: 2. */
  readonly replication?: number
  /** The `Authorization` header that every request needs. Default: none. */
  readonly authorization?: string
  /** What becomes of a CID at a peer, and after how long. Default: pinned, at once. */
  readonly otherwise?: Fate
}

/** How a peer fares with a CID: `dead` for one that nobody has, else the error that it ends in, or `null`; after so many ms. */
export interface Fate {
  readonly error?: string | null
  readonly afterMs?: number
  /** `false`: it waits in the queue for ever. */
  readonly begins?: boolean
}

/** After so long without progress the peer gives up, as with `pin_timeout`. */
export const dead = { error: 'context canceled', afterMs: 300 } as const satisfies Fate

/** Starts the REST API of an IPFS Cluster on loopback. */
export function startCluster(options: ClusterOptions = {}): Promise<SandboxCluster> {
  return new SandboxCluster(options).listen()
}

/** Which IPFS Cluster the sandbox is like. */
const version = '1.1.6'

/** An IPFS Cluster, by the REST API of its first peer: the contract tests compare it with a real one. */
export class SandboxCluster extends SandboxServer {
  readonly peers: readonly SandboxPeer[]
  /** What was given to the cluster, by the CID as it was given. */
  readonly given = new Map<string, GivenPin>()
  /** The cluster takes nothing, in these words. */
  refuses: string | undefined
  /** An error after the first line of `GET /pins`, told in the trailer. */
  breakListing: string | undefined
  readonly #options: ClusterOptions
  readonly #fates = new Map<CidKey, Fate>()
  #allocated = 0

  constructor(options: ClusterOptions) {
    super()
    this.#options = options
    // The last ones, as others of the sandbox take the first.
    const ids = peerIds(100).slice(-2 * (options.peers ?? 3))
    this.peers = Array.from({ length: options.peers ?? 3 }, (_, index) => {
      const [peerId = '', kuboId = ''] = ids.slice(2 * index)
      return new SandboxPeer(`peer-${index + 1}`, peerId, kuboId, index + 1)
    })
  }

  get url(): string {
    return this.origin
  }

  get peerId(): string {
    return (this.peers[0] as SandboxPeer).peerId
  }

  /** Says how peers fare with a CID, from now on: under both versions of the CID. */
  setFate(cid: string, fate: Fate): void {
    this.#fates.set(keyOf(cid), fate)
  }

  /** Pinned by as many peers as are to have it, as if it had always been so. */
  pin(cid: string, name = ''): void {
    const pin = { cid, name, allocations: this.#allocate(), origins: [], created: new Date() }
    this.given.set(cid, pin)
    for (const peer of this.#peersOf(pin)) peer.set(cid, 'pinned')
  }

  /** The peers that have a CID pinned. */
  holders(cid: string): readonly SandboxPeer[] {
    return this.peers.filter((peer) => peer.at(cid).status === 'pinned')
  }

  /** Tells all peers again what was given: those that were away hear of it. */
  rebroadcast(): void {
    for (const peer of this.peers) this.#catchUp(peer)
  }

  /** A peer that hears of anything asks for all that it has missed. */
  #catchUp(peer: SandboxPeer): void {
    if (peer.state !== 'up' || peer.isDeaf) return
    peer.hasMissed = false
    for (const pin of this.given.values())
      if (this.#peersOf(pin).includes(peer) && !peer.knows(pin.cid))
        peer.track(pin.cid, this.#fateOf(pin.cid))
  }

  protected override answer(request: RecordedRequest): Answer | Promise<Answer> {
    const { method, path, headers } = request
    const { authorization } = this.#options
    if (authorization !== undefined && headers.authorization !== authorization)
      return refusal(
        401,
        `unauthorized: ${headers.authorization === undefined ? 'no auth provided' : 'access denied'}`,
      )
    if (method === 'GET' && path === '/id') return json(200, this.#identity(this.peers[0] as SandboxPeer))
    if (method === 'GET' && path === '/peers')
      return restStream(this.#members().map((peer) => this.#identity(peer)))
    if (method === 'GET' && path === '/allocations')
      return restStream([...this.given.values()].map(({ cid, allocations }) => ({ cid, allocations })))
    if (method === 'GET' && path === '/pins') return this.#list(request)
    const [, cid = '', command] = /^\/pins\/([^/]+)(\/recover)?$/.exec(path) ?? []
    if (cid === '') return refusal(404, 'not found')
    if (parseCid(cid) === undefined)
      return refusal(400, 'error decoding Cid: invalid cid: selected encoding not supported')
    if (method === 'GET' && command === undefined) return json(200, this.#status(cid))
    if (method === 'POST') return command === undefined ? this.#give(cid, request) : this.#recover(cid)
    return refusal(404, 'not found')
  }

  /** A peer that is down is named by the others until its last ping has lapsed. */
  #members(): readonly SandboxPeer[] {
    return this.peers.filter(({ state }) => state !== 'forgotten')
  }

  #identity(peer: SandboxPeer): object {
    return peer.identity(
      version,
      this.#members().map(({ peerId }) => peerId),
    )
  }

  #list({ query }: RecordedRequest): Answer {
    const cids = query.get('cids') ?? ''
    if (cids !== '') {
      const asked = cids.split(',')
      if (asked.some((cid) => parseCid(cid) === undefined))
        return refusal(400, 'error decoding Cid: invalid cid')
      return restStream(asked.map((cid) => this.#status(cid)))
    }
    const words = wordsOf(query.get('filter') ?? '')
    if (words === 'invalid') return refusal(400, 'invalid filter value')
    const members = this.#members()
    const rows = [...this.given.values()].flatMap((pin) => {
      const status = statusOf(pin, members, words)
      return status === undefined ? [] : [status]
    })
    return restStream(rows, this.breakListing)
  }

  #status(cid: string): object {
    const pin = this.given.get(cid)
    return pin === undefined ? unpinnedStatus(cid, this.#members()) : singleStatusOf(pin, this.peers)
  }

  #give(cid: string, { query }: RecordedRequest): Answer {
    const read = readGiven(cid, query)
    if (typeof read === 'string') return refusal(400, read)
    if (this.refuses !== undefined) return refusal(500, this.refuses)
    const { replication = 2 } = this.#options
    const candidates = this.#members().filter(({ state }) => state === 'up')
    if (replication > candidates.length)
      return refusal(
        500,
        `not enough peers to allocate CID. Needed at least: ${replication}. Wanted at most: ${replication}. Available candidates: ${candidates.length}. See logs for more info.`,
      )
    const pin = { ...read, allocations: this.given.get(cid)?.allocations ?? this.#allocate() }
    this.given.set(cid, pin)
    for (const peer of this.peers) {
      if (peer.isDeaf || peer.state !== 'up') peer.hasMissed = true
      else if (peer.hasMissed) this.#catchUp(peer)
    }
    for (const peer of this.#peersOf(pin))
      if (!peer.isDeaf && !peer.hasDoneOrBegun(cid)) peer.track(cid, this.#fateOf(cid))
    return json(200, { ...pin, type: 'pin', mode: 'recursive', max_depth: -1 })
  }

  /** Only what is in error or was lost is tried again. */
  #recover(cid: string): Answer {
    const pin = this.given.get(cid)
    for (const peer of pin === undefined ? [] : this.#peersOf(pin))
      if (peer.state === 'up' && peer.knows(cid) && peer.needsRecovery(cid))
        peer.track(cid, this.#fateOf(cid))
    return json(200, this.#status(cid))
  }

  #fateOf(cid: string): () => Fate {
    return () => this.#fates.get(keyOf(cid)) ?? this.#options.otherwise ?? {}
  }

  /** In turn, among those that are known to be there. */
  #allocate(): readonly string[] {
    const { replication = 2 } = this.#options
    if (replication === -1) return []
    const there = this.#members()
    const first = this.#allocated++
    return Array.from(
      { length: replication },
      (_, index) => (there[(first + index) % there.length] as SandboxPeer).peerId,
    )
  }

  #peersOf({ allocations }: GivenPin): readonly SandboxPeer[] {
    return allocations.length === 0
      ? this.#members()
      : this.peers.filter(({ peerId }) => allocations.includes(peerId))
  }
}

function keyOf(cid: string): CidKey {
  const parsed = parseCid(cid)
  if (parsed === undefined) throw new Error(`${cid} is no CID`)
  return parsed.key
}
