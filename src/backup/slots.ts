import { waitingAllowed } from '../domain/rounds.ts'

/** One pin's place among those in flight, or in the queue for one; free again once it is disposed of. */
export interface Slot extends Disposable {
  /** Resolves when it is its turn. */
  readonly entered: Promise<void>
  /** It waits for its first block. */
  wait(): void
  /** Its blocks come. */
  move(): void
}

/** So many more may wait again for each that waited in vain. */
const regained = 8

type State = 'queued' | 'moving' | 'waiting' | 'left'

/**
 * The places of pins in flight: `concurrency` for those that move, and many more for those that wait for their first
 * block, so that what is dead holds up nothing. A pin counts as one that moves until it shows that it waits; one that
 * waited and begins to move is let go on.
 */
export class Slots {
  readonly #concurrency: number
  readonly #count: Record<State, number> = { queued: 0, moving: 0, waiting: 0, left: 0 }
  readonly #queue: (() => void)[] = []

  /** So many may wait now. */
  #allowed: number

  constructor(concurrency: number) {
    this.#concurrency = concurrency
    this.#allowed = waitingAllowed(concurrency)
  }

  /** They enter in the order in which they queue. */
  queue(): Slot {
    const { promise: entered, resolve } = Promise.withResolvers<void>()
    let state: State = 'queued'
    this.#count.queued++
    const become = (next: State) => {
      this.#count[state]--
      this.#count[next]++
      state = next
    }
    const change = (next: State) => {
      if (state === 'left') return
      if (state === 'waiting' && next !== 'waiting') this.#learn(next)
      become(next)
      this.#admit()
    }
    const enter = () => {
      if (state === 'queued') become('moving')
      resolve()
    }
    this.#queue.push(enter)
    this.#admit()
    return {
      entered,
      wait: () => change('waiting'),
      move: () => change('moving'),
      [Symbol.dispose]: () => change('left'),
    }
  }

  /** Where those that seemed to wait are only slow, as on a busy node, more of them would make it slower still. */
  #learn(next: State): void {
    const allowed = next === 'moving' ? this.#allowed / 2 : this.#allowed + regained
    this.#allowed = Math.min(waitingAllowed(this.#concurrency), Math.max(this.#concurrency, allowed))
  }

  #admit(): void {
    while (this.#count.moving < this.#concurrency && this.#count.waiting < this.#allowed) {
      const next = this.#queue.shift()
      if (next === undefined) return
      next()
    }
  }
}
