import type { CidKey } from '../../domain/cid.ts'
import { blame, type Suspicion, tooManyBreaks, tooManyInARow } from '../../domain/fault.ts'
import type { NodeError } from '../../errors.ts'
import type { FailedPin, MissingPin } from '../missing-pins.ts'

/** A try of which it is not known whose fault it was that it failed. */
export interface SuspectTry {
  readonly failure: FailedPin
  readonly suspicion: Suspicion
  /** What to say where the node is at fault. */
  readonly nodeError: NodeError
  /** Whether the node stored a block of our own then. */
  readonly isStoring: boolean
}

/** Keeps what is under suspicion until it shows whose fault it was: see `blame`. */
export class Suspicions {
  readonly #concurrency: number
  /** Since somebody last did well. */
  readonly #inARow = new Set<CidKey>()
  /** The same of those whose connections broke, one for each break. */
  readonly #breaks = new Set<CidKey>()
  /** What the last try of a CID came to, where it may have another. */
  readonly #noted = new Map<CidKey, SuspectTry>()
  /** Those of them that were refused since somebody last did well. */
  readonly #refused = new Set<CidKey>()
  /** Those whose refusals are their own: the node did well by another since. */
  readonly #own = new Set<CidKey>()
  readonly #full = new Set<CidKey>()
  #open: SuspectTry[] = []
  #pinned = 0

  constructor(concurrency: number) {
    this.#concurrency = concurrency
  }

  /** Whether anything was pinned in this run. */
  get hasGoneWell(): boolean {
    return this.#pinned > 0
  }

  /** @returns the node's fault, where so many in a row are no accident */
  count({ failure, suspicion, nodeError }: SuspectTry): NodeError | undefined {
    const inARow = suspicion === 'broken' ? this.#breaks : this.#inARow
    const tooMany = suspicion === 'broken' ? tooManyBreaks : tooManyInARow(this.#concurrency)
    return inARow.add(failure.entry.cid.key).size >= tooMany ? nodeError : undefined
  }

  /** One that has another try. */
  note(suspect: SuspectTry): void {
    const { key } = suspect.failure.entry.cid
    this.#noted.set(key, suspect)
    if (suspect.suspicion === 'refused') this.#refused.add(key)
    else this.#refused.delete(key)
  }

  /** One whose last try left no suspicion. */
  forget({ cid }: MissingPin): void {
    this.#noted.delete(cid.key)
    this.#refused.delete(cid.key)
  }

  /** Whether it was refused before, and the node did well by another since. */
  isOwn({ cid }: MissingPin): boolean {
    return this.#own.has(cid.key)
  }

  /** Whether another CID said that the disk is full, and nothing went well since. */
  isFullAgain({ cid }: MissingPin): boolean {
    return this.#full.add(cid.key).size > 1
  }

  /** One that has no try left. */
  keep(suspect: SuspectTry): void {
    this.#open.push(suspect)
  }

  /** One that has no try left, where its last one left a suspicion. */
  keepNoted({ cid }: MissingPin): boolean {
    const suspect = this.#noted.get(cid.key)
    if (suspect !== undefined) this.keep(suspect)
    return suspect !== undefined
  }

  /** @returns whose refusals were their own, as the node does well by another */
  wentWell(entry: MissingPin): FailedPin[] {
    this.#pinned++
    this.forget(entry)
    this.#inARow.clear()
    this.#breaks.clear()
    this.#full.clear()
    for (const key of this.#refused) {
      this.#own.add(key)
      this.#noted.delete(key)
    }
    this.#refused.clear()
    if (this.#open.length === 0) return []
    const { refused = [], others = [] } = Object.groupBy(this.#open, ({ suspicion }) =>
      suspicion === 'refused' ? 'refused' : 'others',
    )
    this.#open = others
    return refused.map(({ failure }) => failure)
  }

  /** When no try is left. */
  settle(): { readonly failed: FailedPin[]; readonly nodeError: NodeError | null } {
    const alike = Object.groupBy(this.#open, ({ suspicion }) => suspicion)
    const isNodes = ({ suspicion, isStoring }: SuspectTry) =>
      blame(suspicion, { pinned: this.#pinned, alike: alike[suspicion]?.length ?? 0, isStoring }) === 'node'
    const nodes = this.#open.filter(isNodes)
    return {
      failed: this.#open.filter((one) => !isNodes(one)).map(({ failure }) => failure),
      nodeError: nodes.at(-1)?.nodeError ?? null,
    }
  }
}
