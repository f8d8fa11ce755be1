import { grown } from './grown.ts'

/** Of a request, what tells where it stands, and what it says of its content. */
interface Told {
  readonly created: number
  readonly name: string | null
  readonly size: number | null
}

/**
 * What the node lacks, by reference: where the first pinned request of each CID stands. Some 34 bytes each, outside of
 * the heap, as there may be a million.
 */
export class Lacking {
  length = 0
  #places = new Uint32Array(1024)
  #buckets = new Uint16Array(1024)
  #created = new Float64Array(1024)
  /** When the request was created whose name it has so far. */
  #namedAt = new Float64Array(1024)
  /** Bytes of its content; 0 where that is not known. */
  #sizes = new Float64Array(1024)
  /** By place: its number and 1 more, and 0 for what is not lacking. */
  #numbers = new Uint32Array(1024)
  /** By number, where a later bucket has a newer name. */
  readonly #otherNames = new Map<number, string>()
  /** In pairs: its number, and that of another bucket that has it pinned too. */
  #elsewhere = new Uint32Array(16)
  #pairs = 0

  /**
   * @param place of the CID
   * @param bucket its number
   */
  add(place: number, bucket: number, { created, name, size }: Told): void {
    const number = this.length++
    this.#places = grown(this.#places, number)
    this.#buckets = grown(this.#buckets, number)
    this.#created = grown(this.#created, number)
    this.#namedAt = grown(this.#namedAt, number)
    this.#sizes = grown(this.#sizes, number)
    this.#numbers = grown(this.#numbers, place)
    this.#places[number] = place
    this.#buckets[number] = bucket
    this.#created[number] = created
    this.#sizes[number] = size ?? 0
    this.#namedAt[number] = name === null ? Number.NEGATIVE_INFINITY : created
    this.#numbers[place] = number + 1
  }

  /** Takes what another request tells of a CID that is lacking: its name, where it is newer, and a size where there was none. */
  addMore(place: number, { created, name, size }: Told): void {
    const number = (this.#numbers[place] as number) - 1
    if (this.#sizes[number] === 0) this.#sizes[number] = size ?? 0
    if (name === null || created <= (this.#namedAt[number] as number)) return
    this.#namedAt[number] = created
    this.#otherNames.set(number, name)
  }

  /** Another bucket has it pinned too. */
  addBucket(place: number, bucket: number): void {
    const at = 2 * this.#pairs++
    this.#elsewhere = grown(this.#elsewhere, at + 1)
    this.#elsewhere[at] = (this.#numbers[place] as number) - 1
    this.#elsewhere[at + 1] = bucket
  }

  *elsewhere(): Generator<readonly [number: number, bucket: number]> {
    for (let at = 0; at < 2 * this.#pairs; at += 2)
      yield [this.#elsewhere[at] as number, this.#elsewhere[at + 1] as number]
  }

  at(number: number): {
    readonly place: number
    readonly bucket: number
    readonly created: number
    readonly otherName: string | undefined
    readonly size: number | null
  } {
    return {
      place: this.#places[number] as number,
      bucket: this.#buckets[number] as number,
      created: this.#created[number] as number,
      otherName: this.#otherNames.get(number),
      size: this.sizeAt(number),
    }
  }

  /** The size alone, for less. */
  sizeAt(number: number): number | null {
    return this.#sizes[number] || null
  }
}
