import type { PinCid } from '../../domain/cid.ts'
import { heldUp } from '../../domain/fault.ts'
import type { KnownClass } from '../../domain/reasons/classes.ts'
import { NodeError } from '../../errors.ts'
import type { PinningOneByOne, PinProgress } from '../../node/node.ts'
import { Patience } from '../../patience.ts'
import { type Ended, TryEnd } from './ended.ts'
import type { Movement } from './movement.ts'
import type { Slot } from './slots.ts'

/** A node that is only busy may be late with its line. In ms. */
const leastSilence = 5_000

/**
 * Follows one pin that is being added, and aborts it where it does not go on. Only a change of its numbers is progress,
 * as Kubo writes lines also while nothing moves.
 */
export class Watch implements Disposable {
  readonly started = performance.now()
  readonly #cid: PinCid
  readonly #attempt: AbortController
  readonly #slot: Pick<Slot, 'wait' | 'move'>
  readonly #node: PinningOneByOne
  readonly #movement: Movement
  readonly #times: { readonly patience: number; readonly stallTimeout: number }
  readonly #patience: Patience
  #seen: PinProgress = { blocks: 0, bytes: 0 }
  /** Since when it is waited for the next block. */
  #since = this.started
  /** Whether a line came since then. */
  #isHeard = false
  #isOverdue = false
  /** When it was first seen that the node has the first block, though it counts none. */
  #rootSeen: number | undefined
  /** The pin has ended. */
  #isOver = false

  constructor(
    cid: PinCid,
    attempt: AbortController,
    slot: Pick<Slot, 'wait' | 'move'>,
    shared: { readonly node: PinningOneByOne; readonly movement: Movement },
    times: { readonly patience: number; readonly stallTimeout: number },
  ) {
    this.#cid = cid
    this.#attempt = attempt
    this.#slot = slot
    this.#node = shared.node
    this.#movement = shared.movement
    this.#times = times
    this.#patience = new Patience(times.patience, () => void this.#judge())
  }

  get hasBlocks(): boolean {
    return this.#seen.blocks > 0
  }

  readonly onProgress = (progress: PinProgress): void => {
    if (progress.blocks === this.#seen.blocks && progress.bytes === this.#seen.bytes) {
      if (!this.hasBlocks && this.#movement.isWaiting(this.started)) this.#slot.wait()
      this.#isHeard = true
      if (this.#isOverdue) void this.#judge()
      return
    }
    this.#move()
    this.#seen = progress
    this.#waitOn()
  }

  /** It is pinned. */
  done(): void {
    this.#move()
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    this.#patience.stop()
  }

  #move(): void {
    if (!this.hasBlocks) {
      this.#slot.move()
      this.#movement.begin(this.started)
    }
    this.#movement.note(this.started)
  }

  #waitOn(): void {
    if (this.#isOver) return
    this.#since = performance.now()
    this.#isHeard = false
    this.#isOverdue = false
    this.#patience.restart()
  }

  async #judge(): Promise<void> {
    this.#patience.stop()
    const waited = performance.now() - this.#since
    if (!this.#isHeard && waited < leastSilence) {
      this.#isOverdue = true
      this.#patience.restart(leastSilence - waited)
      return
    }
    this.#isOverdue = false
    if (!this.#isHeard) return this.#end({ how: 'silent', seconds: Math.round(waited / 1000) })
    if (this.hasBlocks) return this.#end(this.#stalled())
    const since = this.#since
    const isRootThere = await this.#isRootThere()
    // Meanwhile it may have ended, or moved: then it is waited on already.
    if (this.#isOver || this.#attempt.signal.aborted || this.#since !== since) return
    if (isRootThere) this.#judgeHeld()
    else this.#end(this.#stalled())
  }

  /** Nobody has it, or the node does not go on: asked only where no block was counted. */
  async #isRootThere(): Promise<boolean> {
    const { signal } = this.#attempt
    // It rejects only when the try has ended.
    const isThere = await this.#node.hasRoot(this.#cid, signal).catch(() => undefined)
    return isThere === true
  }

  #judgeHeld(): void {
    const now = performance.now()
    this.#rootSeen ??= now
    const { started } = this
    const { stallTimeout } = this.#times
    const verdict = heldUp({ started, seen: this.#rootSeen }, { ...this.#movement, now }, stallTimeout)
    if (verdict === 'wait') this.#waitOn()
    else if (verdict === 'cid') this.#end(this.#stalled())
    else this.#end({ how: 'held', error: stuck(this.#cid, stallTimeout) })
  }

  #stalled(): Ended {
    const { blocks } = this.#seen
    const seconds = this.#times.patience / 1000
    if (blocks > 0) {
      const after = `${blocks} ${blocks === 1 ? 'block' : 'blocks'}`
      return failed('stalled', `no progress for ${seconds} s after ${after}`)
    }
    return this.#rootSeen === undefined
      ? failed('no-block', `no block of it came within ${seconds} s`)
      : failed('stalled', `the node has its first block, and did not go on with it for ${seconds} s`)
  }

  #end(ended: Ended): void {
    this.#attempt.abort(new TryEnd(ended))
  }
}

function failed(reasonClass: KnownClass, reason: string): Ended {
  return { how: 'failed', why: { reason, class: reasonClass } }
}

function stuck({ text }: PinCid, stallTimeout: number): NodeError {
  return new NodeError(
    'stuck',
    `the node goes on with no pin: nothing moved for ${stallTimeout / 1000} s, not even ${text}, whose first block it has. A garbage collection that runs or waits for its lock holds up every pin so: see \`ipfs diag cmds\`, and restart the daemon where it does not end.`,
  )
}
