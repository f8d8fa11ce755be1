import { waitingAllowed } from '../../domain/rounds.ts'

/** One pin's place among those in flight; free again once it is disposed of. */
export interface Slot extends Disposable {
  /** It waits for its first block. */
  wait(): void
  /** Its blocks come. */
  move(): void
}

type State = 'moving' | 'waiting' | 'left'

/**
 * The places of pins in flight: `concurrency` for those that move, and many more for those that wait for their first
 * block, so that what is dead holds up nothing. A pin counts as one that moves until it shows that it waits; one that
 * waited and begins to move is let go on.
 */
export class Slots {
  readonly #concurrency: number
  readonly #count: Record<State, number> = { moving: 0, waiting: 0, left: 0 }
  readonly #queue: (() => void)[] = []

  constructor(concurrency: number) {
    this.#concurrency = concurrency
  }

  /** Places for pins that may move. */
  get free(): number {
    return Math.max(0, this.#concurrency - this.#count.moving)
  }

  /** Resolves with a place, in the order in which they are asked for. */
  async enter(): Promise<Slot> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#queue.push(resolve)
    this.#admit()
    await promise
    let state: State = 'moving'
    const become = (next: State) => {
      if (state === 'left') return
      this.#count[state]--
      this.#count[next]++
      state = next
      this.#admit()
    }
    return {
      wait: () => become('waiting'),
      move: () => become('moving'),
      [Symbol.dispose]: () => become('left'),
    }
  }

  #admit(): void {
    const { moving, waiting } = this.#count
    if (moving >= this.#concurrency || waiting >= waitingAllowed(this.#concurrency)) return
    const next = this.#queue.shift()
    if (next === undefined) return
    this.#count.moving++
    next()
    this.#admit()
  }
}
