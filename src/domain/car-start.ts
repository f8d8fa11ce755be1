/** The first key in the header of a CARv1, which stands behind the header's length: one byte or two. */
const roots = '\u00a2\u0065roots'
const longest = 2 + roots.length

/** Tells from the first bytes of what comes whether it can be a CAR. */
export class CarStart {
  #begin = ''

  add(piece: Uint8Array): void {
    if (this.#begin.length < longest)
      this.#begin += String.fromCharCode(...piece.subarray(0, longest - this.#begin.length))
  }

  /** `undefined` while too little has come to tell. */
  get isCar(): boolean | undefined {
    const at = this.#begin.indexOf(roots)
    if (at !== -1) return at === 1 || at === 2
    return this.#begin.length < longest ? undefined : false
  }
}
