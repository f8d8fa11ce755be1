/**
 * Of many texts, which came before: 53 bits of a hash of each are kept, in 16 to 32 bytes outside of the heap. Of a
 * million texts hardly ever two look alike; who asks must look again.
 */
export class Fingerprints {
  /** At the place that its low bits lead to, or the next free one; 0 is free. At most half are taken. */
  #slots = new Float64Array(2048)
  #size = 0
  /** Of its own in each process: it is hard to choose texts that lead to the same slot. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32)

  /** @returns whether it came before, or one that looks alike */
  add(text: string): boolean {
    const print = this.#printOf(text)
    const slot = this.#slotOf(print)
    if (this.#slots[slot] === print) return true
    this.#slots[slot] = print
    this.#size++
    if (2 * this.#size >= this.#slots.length) this.#grow()
    return false
  }

  #printOf(text: string): number {
    let [high, low] = [this.#seed, ~this.#seed]
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      high = mix(high, code, 0x01000193)
      low = mix(low, code, 0x85ebca6b)
    }
    return (high >>> 11) * 2 ** 32 + (low >>> 0) || 1
  }

  #slotOf(print: number): number {
    const mask = this.#slots.length - 1
    for (let slot = print & mask; ; slot = (slot + 1) & mask) {
      const there = this.#slots[slot]
      if (there === 0 || there === print) return slot
    }
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Float64Array(2 * before.length)
    for (const print of before) if (print !== 0) this.#slots[this.#slotOf(print)] = print
  }
}

/** FNV-1a with a multiplier, turned so that the low bits depend on all. */
function mix(hash: number, code: number, multiplier: number): number {
  const product = Math.imul(hash ^ code, multiplier)
  return product ^ (product >>> 15)
}
