import { Cids, peerIds } from '../../test/sandbox/identity.ts'
import { nowhere, type SandboxKubo } from '../../test/sandbox/kubo.ts'
import type { Bucket, PinRow } from '../../test/sandbox/pinning-service.ts'
import type { Random } from '../../test/sandbox/random.ts'

/** Of the CIDs that there are. */
const size = 200
const peers = peerIds(200)
const addressOf = (peer: string) => `/ip4/127.0.0.1/tcp/4001/p2p/${peer}`

/** So many CIDs without content there are at most, and so many that are refused: the oldest is well again. */
const mostIll = 5

/** What people do at both sides between two runs. What they add they take away later, so that its size stays level. */
export class World {
  readonly #random: Random
  readonly #node: SandboxKubo
  readonly #bucket: Bucket
  readonly #cids = new Cids(1)
  readonly #dead = new Set<string>()
  /** CIDs that the service was asked for, and fails until somebody heals the world. */
  readonly #refused = new Set<string>()
  /** Since when the service has which peers: a request carries those of its time. */
  readonly #delegates: { readonly since: number; readonly addresses: readonly string[] }[] = []
  #isHealed = false

  constructor(random: Random, node: SandboxKubo, bucket: Bucket) {
    this.#random = random
    this.#node = node
    this.#bucket = bucket
    this.#rotate()
    for (const cid of this.#cids.take(size)) {
      bucket.add({ cid })
      node.pin(cid)
    }
  }

  delegatesOf({ created }: PinRow): readonly string[] {
    const ofItsTime = this.#isHealed ? undefined : this.#delegates.findLast(({ since }) => since <= created)
    return (ofItsTime ?? this.#delegates[0])?.addresses ?? []
  }

  /** Whether a request that the action made fails. */
  fails({ cid }: PinRow): boolean {
    return this.#refused.has(cid)
  }

  change(): void {
    for (let count = this.#random.below(4); count > 0; count--) this.#add()
    while (this.#bucket.size + this.#node.pins.size > 2 * size) this.#remove()
    if (this.#random.below(5) === 0) this.#goneAtService(1)
    // Half of a bucket vanishes at once: a large drop.
    if (this.#random.below(60) === 0) this.#goneAtService(size / 2)
    if (this.#random.below(20) === 0) this.#rotate()
  }

  /** All content can be had again, nothing fails any more, and every request shows the peers of the first day. */
  heal(): void {
    this.#isHealed = true
    for (const cid of this.#dead) this.#node.setContent(cid, {})
    this.#dead.clear()
    this.#refused.clear()
    for (const { requestid, status } of this.#bucket.rows())
      if (status === 'failed') this.#bucket.remove(requestid)
  }

  /** The service has other peers from now on. */
  #rotate(): void {
    const first = 3 * this.#delegates.length
    this.#delegates.push({ since: Date.now(), addresses: peers.slice(first, first + 3).map(addressOf) })
  }

  /** A request at the service or a pin on the node; of twenty, one failed, one has no content, and one will be refused. */
  #add(): void {
    const cid = this.#cids.next()
    const kind = this.#isHealed ? 3 + this.#random.below(17) : this.#random.below(20)
    const name = `name of ${cid}`
    if (kind === 1) {
      this.#node.setContent(cid, nowhere)
      for (const well of withOneMore(this.#dead, cid)) this.#node.setContent(well, {})
    }
    if (kind === 3 && !this.#isHealed) withOneMore(this.#refused, cid)
    if (kind < 2 || kind % 2 === 0) this.#bucket.add({ cid, name, status: kind === 0 ? 'failed' : 'pinned' })
    else this.#node.pin(cid, { name })
  }

  /** Its owner takes one away on both sides. */
  #remove(): void {
    const rows = this.#bucket.rows()
    const cid = rows[this.#random.below(rows.length)]?.cid ?? this.#node.pins.keys().next().value ?? ''
    for (const row of rows) if (row.cid === cid) this.#bucket.remove(row.requestid)
    this.#node.pins.delete(cid)
  }

  #goneAtService(count: number): void {
    for (const { requestid } of this.#bucket.rows().slice(0, count)) this.#bucket.remove(requestid)
  }
}

/** @returns those that make way */
function withOneMore(ill: Set<string>, cid: string): readonly string[] {
  ill.add(cid)
  const well = [...ill].slice(0, -mostIll)
  for (const one of well) ill.delete(one)
  return well
}
