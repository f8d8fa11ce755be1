import type { Why } from '../../domain/reasons/classes.ts'
import type { NodeError, PinError } from '../../errors.ts'

/** The call that was asked: `look` whether it is pinned, or `add`. */
export type Call = 'look' | 'add'

/** How one try of one CID ended: `found` pinned already, or `pinned` by it, or not; `left` to a later run, for want of room. */
export type Ended =
  | { readonly how: 'pinned' }
  | { readonly how: 'found' }
  | { readonly how: 'left' }
  | Unpinned

export type Unpinned =
  /** By the CID's own fault, for all that the node shows. */
  | { readonly how: 'failed'; readonly why: Why }
  /** A new peer came, of whom this try knows nothing. */
  | { readonly how: 'anew' }
  /** In the node's own words. */
  | { readonly how: 'refused'; readonly error: PinError }
  /** No whole answer of the node's API came. */
  | {
      readonly how: 'broken'
      readonly call: Call
      /** When it was asked, by `performance.now()`. */
      readonly asked: number
      readonly error: NodeError
    }
  /** No line came. */
  | { readonly how: 'silent'; readonly seconds: number }
  /** The node holds it up. */
  | { readonly how: 'held'; readonly error: NodeError }

/** Aborts a try. */
export class TryEnd extends Error {
  override name = 'TryEnd'
  readonly ended: Ended

  constructor(ended: Ended) {
    super(ended.how)
    this.ended = ended
  }
}
