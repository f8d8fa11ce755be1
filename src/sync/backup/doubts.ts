import type { CidKey } from '../../domain/cid.ts'
import { blame, type Doubt, tooManyBreaks, tooManyInARow } from '../../domain/fault.ts'
import type { NodeError } from '../../errors.ts'
import type { FailedPin, MissingPin } from './backup.ts'

/** A try of which it is not known whose fault it was that it failed. */
export interface DoubtfulTry {
  readonly failure: FailedPin
  readonly doubt: Doubt
  /** What to say where the node is at fault. */
  readonly nodeError: NodeError
  /** Whether the node stored a block of our own then. */
  readonly isStoring: boolean
}

/** Keeps what is in doubt until it shows whose fault it was: see `blame`. */
export class Doubts {
  readonly #concurrency: number
  /** Since somebody last did well. */
  readonly #inARow = new Set<CidKey>()
  /** The same of those whose connections broke, one for each break. */
  readonly #breaks = new Set<CidKey>()
  /** What the last try of a CID came to, where it may have another. */
  readonly #noted = new Map<CidKey, DoubtfulTry>()
  /** Those of them that were refused since somebody last did well. */
  readonly #refused = new Set<CidKey>()
  /** Those whose refusals are their own: the node did well by another since. */
  readonly #own = new Set<CidKey>()
  readonly #full = new Set<CidKey>()
  #open: DoubtfulTry[] = []
  #pinned = 0

  constructor(concurrency: number) {
    this.#concurrency = concurrency
  }

  /** Whether anything was pinned in this run. */
  get hasGoneWell(): boolean {
    return this.#pinned > 0
  }

  /** @returns the node's fault, where so many in a row are no accident */
  count({ failure, doubt, nodeError }: DoubtfulTry): NodeError | undefined {
    const inARow = doubt === 'broken' ? this.#breaks : this.#inARow
    const tooMany = doubt === 'broken' ? tooManyBreaks : tooManyInARow(this.#concurrency)
    return inARow.add(failure.entry.cid.key).size >= tooMany ? nodeError : undefined
  }

  /** One that has another try. */
  note(doubtful: DoubtfulTry): void {
    const { key } = doubtful.failure.entry.cid
    this.#noted.set(key, doubtful)
    if (doubtful.doubt === 'refused') this.#refused.add(key)
    else this.#refused.delete(key)
  }

  /** One whose last try left no doubt. */
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
  keep(doubtful: DoubtfulTry): void {
    this.#open.push(doubtful)
  }

  /** One that has no try left, where its last one was in doubt. */
  keepNoted({ cid }: MissingPin): boolean {
    const doubtful = this.#noted.get(cid.key)
    if (doubtful !== undefined) this.keep(doubtful)
    return doubtful !== undefined
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
    const { refused = [], others = [] } = Object.groupBy(this.#open, ({ doubt }) =>
      doubt === 'refused' ? 'refused' : 'others',
    )
    this.#open = others
    return refused.map(({ failure }) => failure)
  }

  /** What has no result yet. */
  get open(): MissingPin[] {
    return this.#open.map(({ failure }) => failure.entry)
  }

  /** When no try is left. */
  settle(): {
    readonly failed: FailedPin[]
    readonly pending: MissingPin[]
    readonly nodeError: NodeError | null
  } {
    const alike = Object.groupBy(this.#open, ({ doubt }) => doubt)
    const isNodes = ({ doubt, isStoring }: DoubtfulTry) =>
      blame(doubt, { pinned: this.#pinned, alike: alike[doubt]?.length ?? 0, isStoring }) === 'node'
    const nodes = this.#open.filter(isNodes)
    return {
      failed: this.#open.filter((one) => !isNodes(one)).map(({ failure }) => failure),
      pending: nodes.map(({ failure }) => failure.entry),
      nodeError: nodes.at(-1)?.nodeError ?? null,
    }
  }
}
