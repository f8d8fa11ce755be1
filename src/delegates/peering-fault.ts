import { NodeError } from '../errors.ts'

/**
 * What last went wrong in the node's peering. A look that goes well makes it forgotten, but never a defect of our
 * own.
 */
export class PeeringFault {
  #last: { readonly error: unknown } | undefined

  get last(): { readonly error: unknown } | undefined {
    return this.#last
  }

  note(error: unknown): void {
    if (!this.#isDefect) this.#last = { error }
  }

  /**
   * A look went well. Forgets the fault, unless another one was noted since the look began. @param before what was
   * the last then
   */
  forget(before: { readonly error: unknown } | undefined): void {
    if (this.#last === before && !this.#isDefect) this.#last = undefined
  }

  get #isDefect(): boolean {
    return this.#last !== undefined && !(this.#last.error instanceof NodeError)
  }
}
