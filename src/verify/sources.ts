import type { CidKey, PinCid } from '../domain/cid.ts'
import { cidV1 } from '../domain/cid.ts'
import type { KnownFailures } from '../domain/known-failures.ts'
import { isDue } from '../domain/schedule.ts'
import type { Day } from '../domain/verifying.ts'
import type { VerifyingNode } from '../node/node.ts'
import type { Reading, ReadingPart, Readings } from '../snapshot/readings.ts'
import type { PinPlace, Verified } from '../snapshot/verified.ts'

/** What is to be read: a pin, or a part of one that is too long for a run. */
export interface Item {
  readonly pin: PinPlace
  /** What is read. */
  readonly cid: PinCid
  /** Of a part: when the first part of its pin was read. */
  readonly since: Day | undefined
  /** Blocks of it were fetched in this run. */
  readonly wasFetched: boolean
}

type LongPart = ReadingPart & { readonly reading: Reading }

/**
 * What to read next. One of the lanes sees first to what is known to be broken, and then to what is too long for a run,
 * part by part; the others to what was verified longest ago. So neither holds up the other, however much there is of it.
 */
export class Sources {
  readonly #readings: Readings
  readonly #node: VerifyingNode
  readonly #broken: Iterator<PinPlace>
  readonly #due: Iterator<PinPlace>
  /** The next one is the last of them. */
  readonly #parts: LongPart[]
  /** What is read in parts, and what came to its end in this run. */
  readonly #apart: Set<CidKey>

  constructor(
    { verified, readings }: { readonly verified: Verified; readonly readings: Readings },
    node: VerifyingNode,
    { failures, now, today }: { readonly failures: KnownFailures; readonly now: number; readonly today: Day },
  ) {
    this.#readings = readings
    this.#node = node
    const begun = readings.all()
    this.#apart = new Set(begun.map(({ key }) => key))
    this.#parts = begun
      .flatMap((reading) => readings.partsOf(reading).map((part) => ({ ...part, reading })))
      .reverse()
    const isResting = (key: CidKey) => {
      const failure = failures.get(key)
      return failure !== undefined && !isDue(failure, now)
    }
    this.#broken = verified.broken().filter(({ key }) => !this.#apart.has(key) && !isResting(key))
    this.#due = verified.due(today).filter(({ key }) => !this.#apart.has(key))
  }

  /** @param lane from 0 */
  async next(lane: number, signal: AbortSignal): Promise<Item | undefined> {
    const due = () => itemOf(this.#due)
    const broken = () => itemOf(this.#broken)
    const part = () => this.#nextPart(signal)
    return lane === 0 ? (broken() ?? (await part()) ?? due()) : (due() ?? (await part()) ?? broken())
  }

  /** Nothing more of it is to be read in this run. */
  leave(key: CidKey): void {
    this.#apart.add(key)
    for (let index = this.#parts.length - 1; index >= 0; index--)
      if (this.#parts[index]?.reading.key === key) this.#parts.splice(index, 1)
  }

  async #nextPart(signal: AbortSignal): Promise<Item | undefined> {
    for (let next = this.#parts.pop(); next !== undefined; next = this.#parts.pop()) {
      const { reading, part } = next
      const cid = { key: part, text: cidV1(part) }
      // Where they can't be read, what is wrong with it shows when it is read as it is.
      const links = next.isLong ? await this.#node.links(cid, signal) : undefined
      if (links === undefined) return { pin: reading, cid, since: reading.since, wasFetched: false }
      this.#readings.divide(reading, part, links)
      for (const link of new Set(links)) this.#parts.push({ part: link, isLong: false, reading })
    }
    return undefined
  }
}

function itemOf(pins: Iterator<PinPlace>): Item | undefined {
  const { done, value: pin } = pins.next()
  if (done === true) return undefined
  return { pin, cid: { key: pin.key, text: cidV1(pin.key) }, since: undefined, wasFetched: false }
}
