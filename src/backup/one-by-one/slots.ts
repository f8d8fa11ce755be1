import { rampAllowed, waitingAllowed } from '../../domain/waiting.ts'

/** One pin's turn for a place among those in flight, and then its place; free again once it is disposed of. */
export interface Slot extends Disposable {
  /** It is ready. Resolves when it has its place. */
  enter(): Promise<void>
  /** It waits for somebody who has its first block. */
  wait(): void
  /** Its first block came. */
  move(): void
}

type State = 'outside' | 'new' | 'waiting' | 'moving' | 'left'

/**
 * The places of pins in flight: `concurrency` for those that move, and many more for those that wait for their first
 * block, so that what is dead holds up nothing. A new one counts as one that moves until it shows that it waits; one
 * that waited and begins to move is let go on. While all wait and none moves, each that waits lets in not one more but
 * two, up to a limit.
 */
export class Slots {
  readonly #concurrency: number
  readonly #count: Record<State, number> = { outside: 0, new: 0, waiting: 0, moving: 0, left: 0 }
  /** Of those that are ready, in the order of their turns. */
  readonly #ready: { readonly turn: number; readonly enter: () => void }[] = []
  #turns = 0
  /** So many more may be new, as none moves. */
  #ramp = 0

  constructor(concurrency: number) {
    this.#concurrency = concurrency
  }

  /** Who is ready gets a place in the order in which this is called; who is not makes nobody wait. */
  next(): Slot {
    const turn = this.#turns++
    let state: State = 'outside'
    const become = (next: State) => {
      this.#count[state]--
      this.#count[next]++
      state = next
    }
    const change = (next: State) => {
      if (state === next || state === 'left') return
      if (next === 'waiting') this.#ramp = Math.min(rampAllowed(this.#concurrency), this.#ramp + 1)
      else if (next === 'moving') this.#ramp = 0
      become(next)
      this.#admit()
    }
    return {
      enter: async () => {
        const { promise, resolve } = Promise.withResolvers<void>()
        const enter = () => {
          become('new')
          resolve()
        }
        this.#ready.push({ turn, enter })
        this.#ready.sort((one, other) => one.turn - other.turn)
        this.#admit()
        await promise
      },
      wait: () => change('waiting'),
      move: () => change('moving'),
      [Symbol.dispose]: () => change('left'),
    }
  }

  #admit(): void {
    while (this.#hasPlace()) {
      const next = this.#ready.shift()
      if (next === undefined) return
      next.enter()
    }
  }

  #hasPlace(): boolean {
    const { waiting, moving, new: fresh } = this.#count
    const most = this.#concurrency + waitingAllowed(this.#concurrency)
    return moving + fresh < this.#concurrency + this.#ramp && moving + fresh + waiting < most
  }
}
