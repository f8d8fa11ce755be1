import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { CidKey } from '../domain/cid.ts'
import { type LongWork, stepsAtATime } from '../domain/long-work.ts'
import type { Verifiable } from '../domain/verifiable.ts'
import { broken, type Coverage, type Day, dueBy, recentDays } from '../domain/verifying.ts'
import type { Facts } from './facts.ts'
import { readCidKey } from './stored-cid.ts'
import { transaction } from './transaction.ts'

/** A pin that is to be verified, and when it was last found whole: see the table `verified`. */
export interface PinPlace {
  readonly key: CidKey
  readonly day: Day
  /** The bucket's number in the snapshot. */
  readonly bucket: number
}

export interface VerifiedPin extends PinPlace {
  /** Of all its blocks; 0 while that is not known. */
  readonly bytes: number
}

const ofPart = 1000

/** Which pins were found whole, and when. */
export class Verified {
  readonly #db: DatabaseSync
  readonly #facts: Facts
  readonly #onChange: () => void
  readonly #insert: StatementSync
  readonly #remove: StatementSync
  readonly #find: StatementSync

  /** @param onChange called with each change */
  constructor(db: DatabaseSync, facts: Facts, onChange: () => void) {
    this.#db = db
    this.#facts = facts
    this.#onChange = onChange
    this.#insert = db.prepare('INSERT OR REPLACE INTO verified (day, cid, bucket, bytes) VALUES (?, ?, ?, ?)')
    this.#remove = db.prepare('DELETE FROM verified WHERE day = ? AND cid = ?')
    this.#find = db.prepare('SELECT bytes FROM verified WHERE day = ? AND cid = ?')
  }

  /**
   * Has a row for each of these pins, and for no other. Where they are the same as in the run before, which a digest of
   * them tells, no row is read.
   */
  *follow(pins: Verifiable): LongWork<void> {
    const digest = yield* pins.digest()
    if (this.#facts.get('verifiable') === digest) return
    this.#facts.forget('verifiable')
    const known = new Uint8Array(pins.places)
    yield* this.#dropOthers(pins, known)
    yield* this.#addNew(pins, known)
    this.#facts.set('verifiable', digest)
    this.#onChange()
  }

  /** What is due, longest ago first. What is noted meanwhile does not come again. */
  *due(today: Day): Generator<VerifiedPin> {
    yield* this.#rows(0, dueBy(today))
    // By a clock that was ahead.
    yield* this.#rows(today + 1, Number.MAX_SAFE_INTEGER)
  }

  /** All of them. */
  all(): Generator<VerifiedPin> {
    return this.#rows(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  }

  /** What was found broken, and not whole since. */
  broken(): Generator<VerifiedPin> {
    return this.#rows(Number.MIN_SAFE_INTEGER, -1)
  }

  /** Whether anything is due, or broken. */
  hasDue(today: Day): boolean {
    const rows = [this.broken(), this.due(today)]
    return rows.some((some) => some.next().done !== true)
  }

  /** It was found whole. */
  noteWhole({ key, day, bucket }: PinPlace, today: Day, bytes: number): void {
    transaction(this.#db, () => {
      this.#remove.run(day, bytesOf(key))
      this.#insert.run(today, bytesOf(key), bucket, bytes)
      this.#onChange()
    })
  }

  /** It was found broken. Its size stays what it was. */
  noteBroken({ key, day, bucket }: PinPlace): void {
    transaction(this.#db, () => {
      const before = this.#find.get(day, bytesOf(key))
      this.#remove.run(day, bytesOf(key))
      this.#insert.run(broken(day), bytesOf(key), bucket, before?.['bytes'] ?? 0)
      this.#onChange()
    })
  }

  /** By the bucket's number in the snapshot. A million rows take 0.3 s. */
  coverage(today: Day): ReadonlyMap<number, Coverage> {
    const rows = this.#db
      .prepare(
        `SELECT bucket, count(*) AS cids, total(bytes) AS bytes,
           count(*) FILTER (WHERE day > ?1) AS recent, total(bytes) FILTER (WHERE day > ?1) AS recentBytes,
           count(*) FILTER (WHERE day = 0) AS never, count(*) FILTER (WHERE day < 0) AS broken,
           min(day) FILTER (WHERE day > 0) AS oldest
         FROM verified GROUP BY bucket`,
      )
      .all(today - recentDays) as unknown as (Coverage & { readonly bucket: number })[]
    return new Map(rows.map(({ bucket, ...coverage }) => [bucket, coverage]))
  }

  /** Rows of some days, a part at a time, so that what was given may be changed before the next. */
  *#rows(from: Day, to: Day): Generator<VerifiedPin> {
    const part = this.#db.prepare(
      `SELECT day, cid, bucket, bytes FROM verified WHERE (day, cid) > (?, ?) AND day <= ?
       ORDER BY day, cid LIMIT ${ofPart}`,
    )
    let last: [Day, Uint8Array] = [from, Buffer.alloc(0)]
    for (;;) {
      const rows = part.all(...last, to)
      for (const row of rows) yield pinOf(row)
      const end = rows.at(-1)
      if (end === undefined) return
      last = [end['day'] as Day, end['cid'] as Uint8Array]
    }
  }

  /** @param known by place: told which of the pins have a row */
  *#dropOthers(pins: Verifiable, known: Uint8Array): LongWork<void> {
    const part = this.#db.prepare(
      `SELECT day, cid, bucket FROM verified WHERE (day, cid) > (?, ?) ORDER BY day, cid LIMIT ${stepsAtATime}`,
    )
    // A million are read whenever a pin came or went.
    part.setReturnArrays(true)
    const move = this.#db.prepare('UPDATE verified SET bucket = ? WHERE day = ? AND cid = ?')
    let last: [Day, Uint8Array] = [Number.MIN_SAFE_INTEGER, Buffer.alloc(0)]
    for (;;) {
      const rows = part.all(...last) as unknown as [day: Day, cid: Uint8Array, bucket: number][]
      const end = rows.at(-1)
      if (end === undefined) break
      last = [end[0], end[1]]
      transaction(this.#db, () => {
        for (const [day, cid, bucket] of rows) {
          const pin = pins.find(readCidKey(cid) as CidKey)
          // Of two rows for one pin, which no run writes, the first stays.
          if (pin === undefined || known[pin.place] === 1) this.#remove.run(day, cid)
          else {
            known[pin.place] = 1
            if (pin.bucket !== bucket) move.run(pin.bucket, day, cid)
          }
        }
      })
      yield
    }
  }

  /**
   * Written nearly in the table's order: at random places, each transaction would write most of its pages anew (a
   * million: gigabytes).
   */
  *#addNew(pins: Verifiable, known: Uint8Array): LongWork<void> {
    const places: number[][] = Array.from({ length: 256 }, () => [])
    let steps = 0
    for (const { key, place } of pins) {
      if (known[place] !== 1) places[key.charCodeAt(firstOfDigest) % 256]?.push(place)
      if (++steps % stepsAtATime === 0) yield
    }
    for (const some of places) {
      const rows = some.map((place) => pins.at(place)).sort((one, other) => (one.key < other.key ? -1 : 1))
      for (let from = 0; from < rows.length; from += stepsAtATime) {
        transaction(this.#db, () => {
          for (const { key, bucket } of rows.slice(from, from + stepsAtATime))
            this.#insert.run(0, bytesOf(key), bucket, 0)
        })
        yield
      }
    }
  }
}

/** In the key of nearly all CIDs: after codec, hash function and length. */
const firstOfDigest = 3

function pinOf(row: Record<string, unknown>): VerifiedPin {
  return {
    key: readCidKey(row['cid'] as Uint8Array) as CidKey,
    day: row['day'] as Day,
    bucket: row['bucket'] as number,
    bytes: row['bytes'] as number,
  }
}

export function bytesOf(key: CidKey): Buffer {
  return Buffer.from(key, 'latin1')
}
