import type { CidKey } from '../../domain/cid.ts'
import { blame, tooManyInARow } from '../../domain/fault.ts'
import { type PeerRefusal, PeerRefusals, type PeerTrouble } from '../../domain/peer-faults.ts'
import { ownClass, type ReasonClass, retryOf, type Why } from '../../domain/reasons/classes.ts'
import type { TryEnding } from '../../domain/round-tally.ts'
import type { Failure, Turn } from '../../domain/rounds.ts'
import type { NodeError, PinError } from '../../errors.ts'
import type { BackupOptions, FailedPin, MissingPin } from '../missing-pins.ts'
import { type Hinderer, peersInTrouble, takesNone } from './bulk-faults.ts'
import type { Followed } from './followed.ts'
import type { BulkEdges } from './hand-over-all.ts'
import type { PeersNow } from './peers-now.ts'

/** A turn, and when it came, by `performance.now()`. */
export interface Try {
  readonly turn: Turn<MissingPin>
  readonly began: number
}

/** Finds out whose fault it is that CIDs are not pinned, and tells the results. */
export class BulkJudge {
  readonly #edges: BulkEdges
  readonly #options: BackupOptions
  readonly #peers: PeersNow
  readonly #refusals = new PeerRefusals()
  /** Of the last try of each CID that peers refused. */
  readonly #noted = new Map<CidKey, readonly PeerRefusal[]>()
  /** Those that had no other try. */
  readonly #suspects: FailedPin[] = []
  /** That the node did not take, and that had no other try. */
  readonly #notTaken: FailedPin[] = []
  /** Since it last took one. */
  readonly #inARow = new Set<CidKey>()
  /** What is wrong with peers, and how many CIDs wait for each. */
  readonly #troubles = new Map<string, { readonly words: string; readonly cids: number }>()
  #taken = 0

  constructor(edges: BulkEdges, options: BackupOptions, peers: PeersNow) {
    this.#edges = edges
    this.#options = options
    this.#peers = peers
  }

  /** The node took one. */
  taken(): void {
    this.#taken++
    this.#inARow.clear()
  }

  /** @param at peers that came to have it */
  pinned(one: Try, at: readonly string[] = []): void {
    for (const peerId of at) this.#refusals.wentWell(peerId)
    this.#edges.onPinned(one.turn.item)
    this.tried(one, 'pinned', null)
  }

  tried({ turn: { item: entry, round }, began }: Try, ending: TryEnding, why: Why | null): void {
    this.#edges.onTried?.({ entry, round, took: performance.now() - began, ending, why })
  }

  /** @returns the node's fault, or that it is worth another try */
  refusedToTake(one: Try, { why, isOwn }: PinError): NodeError | 'again' | undefined {
    const { item: entry, round } = one.turn
    const failure = { ...why, entry, tries: round }
    if (isOwn) this.#edges.onFailed(failure)
    else if (this.#inARow.add(entry.cid.key).size >= tooManyInARow(this.#options.concurrency))
      return takesNone(why.reason)
    else if (round < this.#options.attempts) {
      this.tried(one, 'again', why)
      return 'again'
    } else this.#notTaken.push(failure)
    this.tried(one, 'given-up', why)
    return undefined
  }

  /** @returns why, where it is worth another try */
  failed(one: Try, refusals: readonly PeerRefusal[]): Why | null {
    const { item: entry, round } = one.turn
    const reason = refusals.map((refusal) => this.#inWords(refusal)).join('; ')
    const why: Why = { reason, class: commonClass(refusals) }
    const failure = { ...why, entry, tries: round }
    // No peer says that of another CID, whatever is wrong with the peer.
    if (retryOf(why.class) === 'never') {
      this.#giveUp(one, why)
      return null
    }
    for (const { peerId, failure } of refusals)
      if (failure === 'refused') this.#refusals.refuses(peerId, entry.cid.key)
    this.#noted.set(entry.cid.key, refusals)
    const isLast = round >= this.#options.attempts
    this.tried(one, isLast ? 'given-up' : 'again', why)
    if (!isLast) return why
    // That nobody has it is no peer's fault.
    if (refusals.some((one) => one.failure === 'no-progress')) this.#edges.onFailed(failure)
    else this.#suspects.push(failure)
    return null
  }

  /** The node goes on with it by itself. @param at peers that are at work on it */
  stalled(one: Try, at: readonly string[]): void {
    const names = at.map((peerId) => this.#peers.nameOf(peerId)).join(', ')
    const seconds = this.#options.stallTimeout / 1000
    this.#giveUp(one, {
      class: 'stalled',
      reason: `no change for ${seconds} s: still being pinned on ${names}`,
    })
  }

  vanished(one: Try): void {
    const reason = 'the cluster takes it each time and then does not show it'
    this.#giveUp(one, { class: 'vanished', reason })
  }

  /** It waits for peers in trouble, and is not looked at any more in this run. */
  letGo({ hindered = [] }: Pick<Followed, 'hindered'>): void {
    for (const trouble of hindered) this.#waitFor(trouble)
  }

  #waitFor({ peerId, words }: PeerTrouble): void {
    const known = this.#troubles.get(peerId)
    this.#troubles.set(peerId, { words: known?.words ?? words, cids: (known?.cids ?? 0) + 1 })
  }

  #giveUp(one: Try, why: Why): void {
    const { item: entry, round: tries } = one.turn
    this.#edges.onFailed({ ...why, entry, tries })
    this.tried(one, 'given-up', why)
  }

  /**
   * When no try is left, or the time is over.
   * @param waiting for another try
   * @param left in the node's hands, and hindered
   * @returns the fault of peers, or of the whole node
   */
  conclude(waiting: readonly Failure<MissingPin>[], left: Iterable<Followed>): NodeError | null {
    for (const one of left) this.letGo(one)
    const tried = waiting.map(({ item: entry, ...failure }) => ({ ...failure, entry }))
    for (const failure of [...this.#suspects, ...tried]) {
      const { key } = failure.entry.cid
      const refusals = this.#noted.get(key) ?? []
      const isPeers = ({ peerId, failure }: PeerRefusal) =>
        failure === 'refused' && this.#refusals.isPeersFault(peerId)
      if (this.#inARow.has(key)) this.#notTaken.push(failure)
      else if (refusals.length === 0 || !refusals.every(isPeers)) this.#edges.onFailed(failure)
      else
        for (const { peerId, words } of refusals)
          this.#waitFor({ peerId, words: `it refuses what it is given: ${words}` })
    }
    const isNodes =
      blame('refused', { pinned: this.#taken, alike: this.#notTaken.length, isStoring: true }) === 'node'
    if (!isNodes) for (const failure of this.#notTaken) this.#edges.onFailed(failure)
    else if (this.#notTaken[0] !== undefined) return takesNone(this.#notTaken[0].reason)
    if (this.#troubles.size === 0) return null
    const hinderers: Hinderer[] = [...this.#troubles].map(([peerId, trouble]) => ({
      name: this.#peers.nameOf(peerId),
      ...trouble,
    }))
    return peersInTrouble(hinderers)
  }

  #inWords({ peerId, words, failure }: PeerRefusal): string {
    const name = this.#peers.nameOf(peerId)
    if (failure !== 'no-progress') return `${name}: ${words}`
    return `no progress on ${name} for as long as it waits for that (its pin_timeout)`
  }
}

/** Of several peers the one counts that may do better another time. */
function commonClass(refusals: readonly PeerRefusal[]): ReasonClass {
  const classes = refusals.map(
    ({ failure, class: own, words }) => own ?? (failure === 'no-progress' ? 'stalled' : ownClass(words)),
  )
  return classes.find((one) => retryOf(one) === 'later') ?? classes[0] ?? ownClass('')
}
