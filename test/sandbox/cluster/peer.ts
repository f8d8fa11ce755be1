import type { Fate } from '../cluster.ts'

type TrackerStatus = 'pinned' | 'pinning' | 'pin_queued' | 'pin_error' | 'unexpectedly_unpinned'

interface Tracked {
  readonly status: TrackerStatus
  readonly error: string
  readonly attempts: number
}

const lost: Tracked = {
  status: 'unexpectedly_unpinned',
  error: 'the item should be pinned but it is not',
  attempts: 0,
}

/** A peer of the cluster, with a Kubo of its own. */
export class SandboxPeer {
  readonly name: string
  readonly peerId: string
  readonly kuboId: string
  /** `gone`: killed, and still named by the others; `forgotten`: killed a while ago. */
  state: 'up' | 'gone' | 'forgotten' = 'up'
  /** It is too busy to take in what it is told. */
  isDeaf = false
  /** There is something of which it has not heard. */
  hasMissed = false
  /** Why its Kubo does not answer. */
  kuboError: string | undefined
  readonly #number: number
  readonly #tracked = new Map<string, Tracked>()
  readonly #heard = new Set<string>()
  readonly #timers = new Map<string, NodeJS.Timeout>()

  constructor(name: string, peerId: string, kuboId: string, number: number) {
    this.name = name
    this.peerId = peerId
    this.kuboId = kuboId
    this.#number = number
  }

  /** Of its Kubo: one on loopback, and a public one. */
  get addresses(): readonly string[] {
    return [`/ip4/127.0.0.1/tcp/${4000 + this.#number}/p2p/${this.kuboId}`, this.publicAddress]
  }

  get publicAddress(): string {
    return `/ip4/93.184.216.${this.#number}/tcp/4001/p2p/${this.kuboId}`
  }

  /** As `GET /peers` shows it. */
  identity(version: string, members: readonly string[]): object {
    const { peerId: id, name: peername, kuboError } = this
    if (this.state !== 'up')
      return {
        id,
        addresses: null,
        cluster_peers: null,
        version: '',
        error: `failed to dial: failed to dial ${id}: all dials failed`,
        ipfs: { addresses: null, error: '' },
        peername: '',
      }
    const ipfs =
      kuboError === undefined
        ? { id: this.kuboId, addresses: this.addresses, error: '' }
        : { addresses: null, error: kuboError }
    return { id, addresses: [], cluster_peers: members, version, error: '', ipfs, peername }
  }

  /** How it stands with a CID that it is to have. */
  at(cid: string): Tracked {
    return this.#tracked.get(cid) ?? lost
  }

  set(cid: string, status: TrackerStatus, error = '', attempts = 0): void {
    this.#heard.add(cid)
    this.#tracked.set(cid, { status, error, attempts })
  }

  /** Whether it has heard that the cluster was given this: who is away hears of it some time after its return. */
  knows(cid: string): boolean {
    return this.#heard.has(cid)
  }

  /** Somebody takes the pin from its Kubo, behind its back. */
  lose(cid: string): void {
    this.#tracked.delete(cid)
  }

  needsRecovery(cid: string): boolean {
    const { status } = this.at(cid)
    return status === 'pin_error' || status === 'unexpectedly_unpinned'
  }

  /** Told of it again, it does nothing. */
  hasDoneOrBegun(cid: string): boolean {
    return this.knows(cid) && !this.needsRecovery(cid)
  }

  /** Begins to pin it: what comes of it is asked when it is due, so that a test may change its mind. */
  track(cid: string, fateOf: () => Fate): void {
    if (this.state !== 'up') return
    clearTimeout(this.#timers.get(cid))
    const attempts = this.at(cid).attempts + 1
    const { afterMs = 0, begins = true } = fateOf()
    this.set(cid, begins ? 'pinning' : 'pin_queued', '', attempts)
    if (!begins) return
    const end = () => {
      const { error = null } = fateOf()
      const why = this.kuboError ?? error
      if (this.state !== 'up') this.lose(cid)
      else if (why === null) this.set(cid, 'pinned')
      else this.set(cid, 'pin_error', why, attempts)
    }
    if (afterMs === 0) end()
    else if (Number.isFinite(afterMs)) this.#timers.set(cid, setTimeout(end, afterMs).unref())
  }
}
