/** Random numbers that are the same for the same seed, so that a failing test fails again. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** An integer from 0 to 2^32 - 1 (the generator is mulberry32). */
  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** An integer from 0 to `end - 1`. */
  below(end: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * end)
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => this.uint32())
    return new Uint8Array(words.buffer, 0, length)
  }

  /** `count` distinct integers from 0 to `end - 1`, in random order; all of them where `count` is not smaller. */
  distinct(count: number, end: number): number[] {
    if (count * 2 < end) {
      const chosen = new Set<number>()
      while (chosen.size < count) chosen.add(this.below(end))
      return [...chosen]
    }
    const all = Array.from({ length: end }, (_, index) => index)
    for (let last = end - 1; last > 0; last--) {
      const other = this.below(last + 1)
      const kept = all[last] as number
      all[last] = all[other] as number
      all[other] = kept
    }
    return all.slice(0, count)
  }
}
