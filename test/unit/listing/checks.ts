import { expect } from 'vitest'
import type { ListingResult } from '../../../src/listing/list-bucket.ts'
import type { Manners } from '../../sandbox/pinning-service.ts'
import type { BucketUnderTest } from './bucket-under-test.ts'
import type { Told } from './story.ts'

/** Compares the snapshot with the service after each listing of a history. */
export class Checks {
  readonly #under: BucketUnderTest
  readonly #manners: Manners
  /** What the snapshot held, or may have, and what was not reported removed since. */
  #held: ReadonlySet<string> = new Set()
  /** What the snapshot held after the last listing that came to its end, and how many it doubted to be gone. */
  #concluded: { readonly ids: readonly string[]; readonly vanished: number } = { ids: [], vanished: 0 }

  constructor(under: BucketUnderTest, manners: Manners) {
    this.#under = under
    this.#manners = manners
  }

  check(told: Told): void {
    const { result, isDisturbed, shownEver } = told
    this.#held = new Set([...this.#held, ...shownEver])
    if (result === undefined) return
    this.#checkRemoved(result, told)
    if (isDisturbed) this.#checkDisturbed(result, told)
    else this.#checkQuiet(result)
    const ids = this.#ids()
    if (result.complete && result.vanished === 0) this.#held = new Set(ids)
    if (result.complete || result.unprovable) this.#concluded = { ids, vanished: result.vanished }
  }

  /** Nothing happens any more. */
  checkUnchanged({ result }: Told): void {
    expect(result).toMatchObject({ added: 0, changed: 0, vanished: 0 })
    const unsettled = this.#under.snapshot().filter((line) => !line.includes(' pinned '))
    // Where nothing pinned is shown, each status is asked for alone.
    const most = unsettled.length > 0 || this.#under.snapshot().length === 0 ? 8 : 4
    if (this.#canBeCheap() && unsettled.length <= this.#manners.maxLimit)
      expect(result?.asked).toBeLessThanOrEqual(most)
  }

  /** Whether bounds can be placed between any two seconds: else a dense head takes more than one page. */
  #canBeCheap(): boolean {
    const { count, created, fractions, severalStatuses } = this.#manners
    const takesAll = count === 'all' && fractions === 'honoured' && severalStatuses === 'list'
    return takesAll && created.endsWith('-seconds')
  }

  /** What the service shows is never reported removed, nor is a large drop at once. */
  #checkRemoved({ removed }: ListingResult, { shownAlways, shownEver }: Told): void {
    const gone = [...this.#held].filter((id) => !shownAlways.has(id))
    expect(removed, 'removed, and there').toBeLessThanOrEqual(gone.length)
    const { ids, vanished } = this.#concluded
    const goneSince = ids.filter((id) => !shownEver.has(id))
    // Well over a tenth: one that moved counts twice until its old place has been read.
    if (goneSince.length > 10 && goneSince.length > this.#held.size / 8)
      expect(removed, 'believed at once').toBeLessThanOrEqual(vanished)
  }

  /** Nothing is called complete that is not; nothing is believed gone that is there, nor known that never was. */
  checkUnbelievable(told: Told): void {
    const { result, shownEver, isDisturbed } = told
    this.#held = new Set([...this.#held, ...shownEver])
    if (result === undefined) return
    this.#checkRemoved(result, told)
    const invented = this.#ids().filter((id) => !this.#held.has(id))
    expect(invented, 'listed, and never there').toEqual([])
    this.#checkDisturbed(result, told)
    const { bucket } = this.#under
    const hasOdd = bucket.rows().some((row) => bucket.shows(row) && bucket.odd?.(row) !== undefined)
    if (hasOdd && !isDisturbed) expect(result.complete, 'proved, with rows that are no requests').toBe(false)
  }

  /** Of all requests, or of the status that has most, where each is asked for alone. */
  #mostOfOneAnswer(): number {
    const lines = this.#under.truth()
    if (this.#manners.severalStatuses === 'list') return lines.length
    const byStatus = Map.groupBy(lines, (line) => line.split(' ')[2])
    return byStatus.values().reduce((most, { length }) => Math.max(most, length), 0)
  }

  #checkQuiet(result: ListingResult): void {
    expect(this.#under.snapshot()).toEqual(this.#under.truth())
    // One request or none is all that there is: no service gives only one of more.
    const { count, aboveMaxLimit } = this.#manners
    const isCut = count === 'page' && aboveMaxLimit !== 'ignored'
    const unprovable = isCut && this.#mostOfOneAnswer() > 1
    expect(result, result.notes.join()).toMatchObject({ complete: !unprovable, unprovable })
  }

  /** What came or went meanwhile may be listed or not; the rest is sure where the listing says that it is. */
  #checkDisturbed(result: ListingResult, { shownAlways, shownEver }: Told): void {
    if (!result.complete) return
    const ids = this.#ids()
    const listed = new Set(ids)
    expect(
      [...shownAlways].filter((id) => !listed.has(id)),
      'there, and not listed',
    ).toEqual([])
    expect(
      ids.filter((id) => !shownEver.has(id)),
      'listed, and not there',
    ).toEqual([])
    expect(ids.length, 'listed twice').toBe(listed.size)
  }

  #ids(): string[] {
    return this.#under.snapshot().map((line) => line.slice(0, line.indexOf(' ')))
  }
}
