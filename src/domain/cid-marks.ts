import type { CidKey } from './cid.ts'
import { grown } from './grown.ts'

const chunkSize = 2 ** 20
/** The length of an entry's key, before it. */
const prefix = 2

/**
 * A number for each of many CIDs (or of other texts, of bytes as characters), 0 for those that have none. A million take 60 MB outside of the heap; as a `Map`,
 * they take twice as much within it, which the garbage collector doubles again.
 */
export class CidMarks<Key extends string = CidKey> {
  /** Keys one after the other, each with its length; none crosses two chunks. */
  readonly #chunks: Buffer[] = []
  #free = chunkSize
  /** By entry: where its key is. */
  #places = new Uint32Array(1024)
  /** By entry. */
  #marks = new Uint32Array(1024)
  /** Entries, from 1, at the place that their hash leads to, or the next free one; at most half are taken. */
  #slots = new Uint32Array(2048)
  #size = 0
  /** Of its own in each process: nobody can choose CIDs that all lead to the same slot. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32)

  get(key: Key): number {
    const entry = this.#slots[this.#slotOf(key)] as number
    return entry === 0 ? 0 : (this.#marks[entry - 1] as number)
  }

  /** How many were set. */
  get size(): number {
    return this.#size
  }

  /** The mark at a place. */
  at(place: number): number {
    return this.#marks[place] as number
  }

  /** The CID at a place. */
  keyOf(place: number): Key {
    const { chunk, at, length } = this.#keyAt(place)
    return chunk.toString('latin1', at, at + length) as Key
  }

  /** What `set` returned for a key; -1 where it has no mark. */
  placeOf(key: Key): number {
    return (this.#slots[this.#slotOf(key)] as number) - 1
  }

  /**
   * @param mark an integer from 0 to 2^32 - 1
   * @returns its place: a number from 0 that it keeps
   */
  set(key: Key, mark: number): number {
    let slot = this.#slotOf(key)
    if (this.#slots[slot] === 0) {
      if (this.#size === this.#marks.length) {
        this.#grow()
        slot = this.#slotOf(key)
      }
      this.#places[this.#size] = this.#store(key)
      this.#slots[slot] = ++this.#size
    }
    const entry = (this.#slots[slot] as number) - 1
    this.#marks[entry] = mark
    return entry
  }

  /** All that were set, with their marks and places, in the order in which they first were. */
  *[Symbol.iterator](): Generator<[key: Key, mark: number, place: number]> {
    for (let entry = 0; entry < this.#size; entry++)
      yield [this.keyOf(entry), this.#marks[entry] as number, entry]
  }

  /** Where a key is, or where it would be. */
  #slotOf(key: Key): number {
    const mask = this.#slots.length - 1
    let hash = this.#seed
    for (let index = 0; index < key.length; index++) hash = mix(hash, key.charCodeAt(index))
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] as number
      if (entry === 0 || this.#isKey(entry - 1, key)) return slot
    }
  }

  #isKey(entry: number, key: Key): boolean {
    const { chunk, at, length } = this.#keyAt(entry)
    if (length !== key.length) return false
    // From the end: keys begin alike.
    for (let index = length - 1; index >= 0; index--)
      if (chunk[at + index] !== key.charCodeAt(index)) return false
    return true
  }

  #keyAt(entry: number): { chunk: Buffer; at: number; length: number } {
    const place = this.#places[entry] as number
    const chunk = this.#chunks[Math.floor(place / chunkSize)] as Buffer
    const at = place % chunkSize
    return { chunk, at: at + prefix, length: chunk.readUInt16LE(at) }
  }

  /** @returns its place */
  #store(key: Key): number {
    if (this.#free + prefix + key.length > chunkSize) {
      this.#chunks.push(Buffer.allocUnsafeSlow(chunkSize))
      this.#free = 0
    }
    const chunk = this.#chunks.at(-1) as Buffer
    const place = (this.#chunks.length - 1) * chunkSize + this.#free
    chunk.writeUInt16LE(key.length, this.#free)
    chunk.write(key, this.#free + prefix, 'latin1')
    this.#free += prefix + key.length
    return place
  }

  #grow(): void {
    this.#places = grown(this.#places, this.#size)
    this.#marks = grown(this.#marks, this.#size)
    this.#slots = new Uint32Array(this.#slots.length * 2)
    const mask = this.#slots.length - 1
    for (let entry = 0; entry < this.#size; entry++) {
      const { chunk, at, length } = this.#keyAt(entry)
      let hash = this.#seed
      for (let index = at; index < at + length; index++) hash = mix(hash, chunk[index] as number)
      let slot = hash & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = entry + 1
    }
  }
}

/** FNV-1a, turned so that the low bits, which choose the slot, depend on all. */
function mix(hash: number, byte: number): number {
  const product = Math.imul(hash ^ byte, 0x01000193)
  return product ^ (product >>> 15)
}
