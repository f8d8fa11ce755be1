import type { Config } from '../config/types.ts'
import { CidMarks } from '../domain/cid-marks.ts'
import { type LongWork, paused } from '../domain/long-work.ts'
import type { UpdateAgenda } from '../domain/plan-update.ts'
import { inSlices } from '../in-slices.ts'
import { isByPerson, type ListedBucket } from '../sides/list-service.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** The mark of what vanished from a bucket that is listed; of what a bucket has that is not, `ofBucket` and its number. */
const vanished = 1
const ofBucket = 2

/** What an update does not send as the service may have it, although no listing shows it. */
export class Held {
  readonly marks = new CidMarks()
  readonly #unlisted: ReadonlyMap<number, string>

  private constructor(unlisted: ReadonlyMap<number, string>) {
    this.#unlisted = unlisted
  }

  /**
   * What buckets had that no line names any more may be there all the same: a line may be lost, and what is not mirrored
   * may still be paid for. Only a person knows, who names such a bucket in `ignore-buckets` and has a run by hand list
   * everything anew: then it is forgotten, for later runs too.
   */
  static async find(
    config: Pick<Config, 'fullListing' | 'github' | 'ignoredBuckets' | 'dryRun'>,
    buckets: readonly ListedBucket[],
    snapshot: Snapshot,
  ): Promise<Held> {
    const unlisted = snapshot.unlistedBuckets(buckets.map(({ requests }) => requests.id))
    const isReleased = ({ name }: { readonly name: string }) =>
      isByPerson(config) && config.ignoredBuckets.includes(name)
    const released = unlisted.filter(isReleased).map(({ id }) => id)
    if (!config.dryRun) await inSlices(snapshot.forgetBuckets(released))
    const held = new Held(new Map(unlisted.map(({ id, name }) => [id, name])))
    await inSlices(held.#mark(snapshot.inDoubt({ unlisted: unlisted.map(({ id }) => id), released })))
    return held
  }

  *#mark(doubts: ReturnType<Snapshot['inDoubt']>): LongWork<void> {
    yield* paused(doubts, ({ key, bucket }) => {
      if (this.#unlisted.has(bucket)) this.marks.set(key, ofBucket + bucket)
      else if (this.marks.get(key) === 0) this.marks.set(key, vanished)
    })
  }

  /** How many of an agenda are held for each bucket that is not listed, by its name. */
  *countsIn(missing: UpdateAgenda): LongWork<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>()
    if (this.marks.size === 0) return counts
    yield* paused(Array(missing.length).keys(), (index) => {
      const name = this.#unlisted.get(this.marks.get(missing.keyAt(index)) - ofBucket)
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
    })
    return counts
  }
}
