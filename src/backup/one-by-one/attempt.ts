import type { Turn } from '../../domain/rounds.ts'
import { patience } from '../../domain/rounds.ts'
import { NodeError, PinError } from '../../errors.ts'
import type { PinProgress } from '../../node/node.ts'
import type { BackupOptions, MissingPin } from '../missing-pins.ts'
import { type Call, type Ended, TryEnd } from './ended.ts'
import type { Movement } from './movement.ts'
import type { BackupEdges } from './pin-all.ts'
import type { Slots } from './slots.ts'
import { Watch } from './watch.ts'

/** A look that is older, in ms, is no look right before. */
const freshLook = 1000

/** What the tries of a backup share. */
export interface Shared {
  readonly edges: BackupEdges
  readonly options: BackupOptions
  readonly slots: Slots
  readonly movement: Movement
}

/** One try of one CID: peers with its delegates, looks whether it is pinned, and adds it once there is a place. */
export class Attempt {
  readonly turn: Turn<MissingPin>
  readonly began = performance.now()
  readonly #shared: Shared
  readonly #control = new AbortController()
  #watch: Watch | undefined

  constructor(turn: Turn<MissingPin>, shared: Shared) {
    this.turn = turn
    this.#shared = shared
  }

  /** Ends it, for a reason that says how. */
  abort(reason?: TryEnd): void {
    this.#control.abort(reason)
  }

  /** Whether it was told to add before then, and has no block yet. */
  isWaitingSince(then: number): boolean {
    return this.#watch !== undefined && this.#watch.started < then && !this.#watch.hasBlocks
  }

  get restarts(): number {
    return this.turn.restarts
  }

  async peer(): Promise<void> {
    const { delegates } = this.turn.item
    if (delegates.length > 0) await this.#shared.edges.delegates.peerFor(delegates, this.#control.signal)
  }

  /**
   * @param onPlace called once it has its place
   * @throws what nobody expected, or that it was aborted without a `TryEnd`
   */
  async pin(onPlace: () => void): Promise<Ended> {
    let call: Call = 'look'
    let asked = performance.now()
    try {
      this.#control.signal.throwIfAborted()
      // Before it is looked up: those whose looks are over get their places in this order.
      using slot = this.#shared.slots.next()
      // Also before a second try: a first one that was cut off may have done it.
      if (await this.#isPinned()) return { how: 'found' }
      const looked = performance.now()
      await slot.enter()
      onPlace()
      this.#control.signal.throwIfAborted()
      using coming = await this.#shared.edges.intake.admit(this.turn.item, this.#control.signal)
      if (coming === undefined) return { how: 'left' }
      // It may have waited long for its turn.
      if (performance.now() - looked > freshLook && (await this.#isPinned())) return { how: 'found' }
      call = 'add'
      asked = performance.now()
      const { options, edges } = this.#shared
      const times = { patience: patience(this.turn.round, options), stallTimeout: options.stallTimeout }
      const place = {
        move: () => slot.move(),
        wait: () => {
          slot.wait()
          coming.wait()
        },
      }
      using watch = new Watch(
        this.turn.item.cid,
        this.#control,
        place,
        { ...this.#shared, node: edges.node },
        times,
      )
      this.#watch = watch
      const { cid, name } = this.turn.item
      const onProgress = (progress: PinProgress) => {
        coming.progress(progress.bytes)
        watch.onProgress(progress)
      }
      await edges.node.pin(cid, { name, signal: this.#control.signal, onProgress })
      watch.done()
      coming.pinned()
      return { how: 'pinned' }
    } catch (error) {
      if (error instanceof TryEnd) return error.ended
      if (this.#control.signal.aborted) throw error
      if (error instanceof PinError) return { how: 'refused', error }
      if (error instanceof NodeError) return { how: 'broken', call, asked, error }
      throw error
    } finally {
      this.#watch = undefined
    }
  }

  #isPinned(): Promise<boolean> {
    return this.#shared.edges.node.isPinned(this.turn.item.cid, this.#control.signal)
  }
}
