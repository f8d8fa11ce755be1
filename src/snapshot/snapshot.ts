import type { DatabaseSync } from 'node:sqlite'
import type { LongWork } from '../domain/long-work.ts'
import { forgetBuckets } from './bucket/forget.ts'
import { type InDoubt, inDoubt } from './bucket/listed.ts'
import { BucketRequests } from './bucket/requests.ts'
import {
  type BucketState,
  type NamedBucket,
  type NumberedBucket,
  namesNotAmong,
  numbersNotAmong,
  rememberNames,
  stateOf,
} from './bucket/state.ts'
import { DelegateBook } from './delegates.ts'
import { Doubts } from './doubts.ts'
import { Facts } from './facts.ts'
import { History } from './history.ts'
import { Ledger } from './ledger.ts'
import { PeeringBook } from './peering-book.ts'
import { Readings } from './readings.ts'
import { faultIn } from './sqlite-errors.ts'
import { Verified } from './verified.ts'

/**
 * What a mirror remembers from run to run, open for one run. Everybody else gets its parts from here, by name; nobody
 * outside of this folder sees the database, but for `snapshot-file/`, which minds the file.
 */
export class Snapshot implements Disposable {
  /** The number of this run. */
  readonly run: number
  readonly facts: Facts
  readonly ledger: Ledger
  readonly doubts: Doubts
  readonly history: History
  readonly verified: Verified
  readonly readings: Readings
  readonly #db: DatabaseSync
  #delegates: DelegateBook | undefined

  /** Counts as a run, and closes the database in the end. */
  constructor(db: DatabaseSync) {
    this.#db = db
    this.facts = new Facts(db)
    this.run = (this.facts.get('run') ?? 0) + 1
    this.facts.set('run', this.run)
    const onChange = () => this.markChanged()
    this.ledger = new Ledger(db, onChange)
    this.doubts = new Doubts(db, onChange)
    this.history = new History(db, this.run, onChange)
    this.verified = new Verified(db, this.facts, onChange)
    this.readings = new Readings(db, onChange)
  }

  /** Made when it is first needed: it then clears out lists that nothing carries any more. */
  get delegates(): DelegateBook {
    this.#delegates ??= new DelegateBook(this.#db, Date.now())
    return this.#delegates
  }

  /** A bucket's requests; it is made where there is none of this name. */
  bucket(name: string): BucketRequests {
    return new BucketRequests(this.#db, name, this.delegates)
  }

  /** What is remembered of a bucket besides its requests; `undefined` where there is none of this name. */
  stateOf(bucket: string): BucketState | undefined {
    return stateOf(this.#db, bucket)
  }

  /** Keeps which buckets a run listed. A dry run may have had a slip of the pen: what it alone listed is not missed. */
  rememberNames(buckets: readonly NamedBucket[], isDry: boolean): void {
    if (rememberNames(this.#db, buckets, isDry)) this.markChanged()
  }

  /** The buckets that earlier runs listed, and that are not among these, by whatever name. */
  bucketsNotAmong(buckets: readonly NamedBucket[]): string[] {
    return namesNotAmong(this.#db, buckets)
  }

  /** All buckets that are not among these, also those that are not missed. */
  unlistedBuckets(listed: readonly number[]): NumberedBucket[] {
    return numbersNotAmong(this.#db, listed)
  }

  inDoubt(buckets: Parameters<typeof inDoubt>[1]): Iterable<InDoubt> {
    return inDoubt(this.#db, buckets)
  }

  /** Forgets what buckets had, as somebody has said that nothing of it counts any more. */
  *forgetBuckets(ids: readonly number[]): LongWork<void> {
    yield* forgetBuckets(this.#db, ids)
    if (ids.length > 0) this.markChanged()
  }

  /** What this mirror added to the peering of a node, by the node's peer ID. */
  peeringOf(node: string): PeeringBook {
    return new PeeringBook(this.#db, node)
  }

  /** Says that this run changed something worth keeping. */
  markChanged(): void {
    this.facts.set('changedInRun', this.run)
  }

  [Symbol.dispose](): void {
    try {
      this.facts.set('endedRun', this.run)
    } catch (error) {
      // The disk may be full. The next run then takes this one for killed, and whatever was at work here has said so.
      if (faultIn(error) !== 'resources') throw error
    } finally {
      this.#db.close()
    }
  }
}
