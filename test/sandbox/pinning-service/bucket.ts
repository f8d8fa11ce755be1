import { type Status, statuses } from '../../../src/domain/pin.ts'
import type { Random } from '../random.ts'
import type { Manners } from './manners.ts'
import type { OddForm } from './odd-forms.ts'
import type { Query } from './query.ts'
import type { Refusal } from './refusals.ts'
import type { NewRow, PinRow } from './row.ts'
import { type Settlement, Settling } from './settling.ts'
import { keptInstant } from './shown.ts'
import { inOrder, Timeline } from './timeline.ts'

export interface Page {
  readonly count: number
  readonly rows: readonly PinRow[]
}

// Shared, for the sake of a million rows.
const noOrigins: readonly string[] = []
const noMeta: Readonly<Record<string, string>> = {}

export type ShownBy = 'list' | 'cid' | 'requestid'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** A stretch of rows in order of time: `from` included, `to` not. */
interface Stretch {
  at(index: number): PinRow
  readonly from: number
  readonly to: number
}

export interface BucketOptions {
  readonly manners: Manners
  readonly random: Random
  readonly nextId: () => string
  readonly settle: ((row: PinRow) => Settlement | undefined) | undefined
}

/** What one token sees, kept in order of time by status: windows and counts are binary searches. */
export class Bucket {
  readonly name: string
  /**
   * Rows for which it is true are not shown, and still there: a service whose own node is down, or that shows what it
   * took in only later. `by`: in a list, in one that is filtered by CIDs, or by its requestid.
   */
  hidden: ((row: PinRow, by: ShownBy) => boolean) | undefined
  /** What every request of this token is refused with, such as `freePlan`. */
  refusal: Refusal | undefined
  /** In which form a row is shown that is no request; `undefined` for those that are shown as they are. */
  odd: ((row: PinRow) => OddForm | undefined) | undefined
  readonly #options: BucketOptions
  readonly #timelines = new Map<Status, Timeline<PinRow>>(statuses.map((status) => [status, new Timeline()]))
  readonly #byId = new Map<string, PinRow>()
  readonly #settling = new Settling()
  #byCid: Map<string, PinRow[]> | undefined
  #ties = 0

  constructor(name: string, options: BucketOptions) {
    this.name = name
    this.#options = options
  }

  get size(): number {
    return this.#byId.size
  }

  /** All rows, in order of time, after what was due to settle has. */
  rows(): PinRow[] {
    this.settle()
    return [...this.#byId.values()].sort(inOrder)
  }

  get(requestid: string): PinRow | undefined {
    return this.#byId.get(requestid)
  }

  /** Puts a row there as if it had always been there: it does not settle by itself. */
  add(row: NewRow): PinRow {
    const made = this.#make(row)
    this.#timeline(made.status).insert(made)
    this.#index(made)
    return made
  }

  /** Many rows at once: a million in a few seconds. */
  addAll(rows: Iterable<NewRow>): void {
    const made = Map.groupBy(
      Iterator.from(rows).map((row) => this.#make(row)),
      ({ status }) => status,
    )
    for (const [status, ofStatus] of made) {
      this.#timeline(status).insertAll(ofStatus)
      for (const row of ofStatus) this.#index(row)
    }
  }

  /** A new request, as a client makes one: `queued`, and settling in the service's time. */
  ask(row: NewRow): PinRow {
    const asked = this.add({ ...row, status: 'queued' })
    const settlement = this.#options.settle?.(asked)
    if (settlement !== undefined) this.#settling.plan(asked.requestid, settlement)
    return asked
  }

  /** Removes a request; false where there is none. */
  remove(requestid: string): boolean {
    const row = this.#byId.get(requestid)
    if (row === undefined) return false
    this.#timeline(row.status).remove(row)
    this.#byId.delete(requestid)
    const twins = this.#byCid?.get(row.cid)
    twins?.splice(twins.indexOf(row), 1)
    return true
  }

  /** @param reason why it failed, in the service's words */
  setStatus(requestid: string, status: Status, reason?: string): void {
    const row: Writable<PinRow> | undefined = this.#byId.get(requestid)
    if (row === undefined) throw new Error(`bucket ${this.name} has no request ${requestid}`)
    this.#timeline(row.status).remove(row)
    row.status = status
    row.reason = reason
    this.#timeline(status).insert(row)
  }

  /** The same for all of them: one by one, a million take half an hour. */
  setAllStatuses(status: Status): void {
    const rows: Writable<PinRow>[] = this.rows()
    for (const timeline of this.#timelines.values()) timeline.clear()
    for (const row of rows) {
      row.status = status
      row.reason = undefined
    }
    this.#timeline(status).insertAll(rows)
  }

  /** Lets settle what is due now, before a request is answered. */
  settle(countsAsRequest = false): void {
    for (const { requestid, status, reason } of this.#settling.due(countsAsRequest))
      if (this.#byId.has(requestid)) this.setStatus(requestid, status, reason)
  }

  /** Whether a request can be seen at the moment. */
  shows(row: PinRow, by: ShownBy = 'list'): boolean {
    return this.hidden?.(row, by) !== true
  }

  page(query: Query): Page {
    const stretches = this.#stretches(query)
    const count = stretches.reduce((sum, { from, to }) => sum + to - from, 0)
    const { manners, random } = this.#options
    const rows =
      manners.order === 'unordered'
        ? someOf(stretches, random.distinct(Math.min(query.limit, count), count))
        : endOf(stretches, query.limit, manners.order === 'newest-first')
    const isDoubled = manners.pages === 'doubled' && rows.length > 1
    const shown = isDoubled ? [rows[0] as PinRow, ...rows.slice(0, -1)] : rows
    return { count: this.#counted(count, rows.length, query), rows: shown }
  }

  #counted(all: number, onPage: number, query: Query): number {
    const { count } = this.#options.manners
    if (typeof count === 'number') return count
    if (count === 'page') return onPage
    if (count === 'all') return all
    const ofAny = this.#stretches({ ...query, statuses })
    return ofAny.reduce((sum, { from, to }) => sum + to - from, 0)
  }

  #stretches(query: Query): Stretch[] {
    if (query.cids === undefined && query.matches === undefined && this.hidden === undefined)
      return query.statuses.map((status) => this.#window(status, query))
    const matching = this.#matching(query).sort(inOrder)
    return [{ at: (index) => matching[index] as PinRow, from: 0, to: matching.length }]
  }

  #matching(query: Query): PinRow[] {
    const ofCids = query.cids?.flatMap((cid) => this.#ofCid(cid))
    if (ofCids !== undefined && this.#options.manners.cidFilter === 'alone') return ofCids
    const candidates =
      ofCids?.filter((row) => isInside(row, query)) ??
      query.statuses.flatMap((status) => rowsOf(this.#window(status, query)))
    const by = query.cids === undefined ? 'list' : 'cid'
    return candidates.filter((row) => this.shows(row, by) && (query.matches?.(row) ?? true))
  }

  #window(status: Status, { after, before }: Query): Stretch {
    const timeline = this.#timeline(status)
    const from = after === undefined ? 0 : timeline.countBefore(after.instant, !after.inclusive)
    const to = before === undefined ? timeline.length : timeline.countBefore(before.instant, before.inclusive)
    return { at: (index) => timeline.at(index), from, to: Math.max(from, to) }
  }

  #timeline(status: Status): Timeline<PinRow> {
    return this.#timelines.get(status) as Timeline<PinRow>
  }

  #make(row: NewRow): PinRow {
    const { manners, nextId, random } = this.#options
    const requestid = row.requestid ?? (manners.requestid === 'cid' ? row.cid : nextId())
    return {
      requestid,
      cid: row.cid,
      name: row.name,
      status: row.status ?? 'pinned',
      created: keptInstant(manners, new Date(row.created ?? Date.now()).getTime()),
      origins: row.origins ?? noOrigins,
      meta: row.meta ?? noMeta,
      reason: row.reason,
      size: row.size === undefined ? undefined : String(row.size),
      tie: random.below(2 ** 21) * 2 ** 32 + this.#ties++,
    }
  }

  #index(row: PinRow): void {
    if (this.#byId.has(row.requestid)) throw new Error(`bucket ${this.name} has a request ${row.requestid}`)
    this.#byId.set(row.requestid, row)
    if (this.#byCid !== undefined) addTwin(this.#byCid, row)
  }

  /** Indexed only once it is asked for: a listing of a million rows does without. */
  #ofCid(cid: string): readonly PinRow[] {
    if (this.#byCid === undefined) {
      this.#byCid = new Map()
      for (const row of this.#byId.values()) addTwin(this.#byCid, row)
    }
    return this.#byCid.get(cid) ?? []
  }
}

function addTwin(byCid: Map<string, PinRow[]>, row: PinRow): void {
  const twins = byCid.get(row.cid)
  if (twins === undefined) byCid.set(row.cid, [row])
  else twins.push(row)
}

function isInside(row: PinRow, { statuses: asked, after, before }: Query): boolean {
  if (!asked.includes(row.status)) return false
  if (after !== undefined && (after.inclusive ? row.created < after.instant : row.created <= after.instant))
    return false
  return (
    before === undefined || (before.inclusive ? row.created <= before.instant : row.created < before.instant)
  )
}

function rowsOf(stretch: Stretch): PinRow[] {
  return Array.from({ length: stretch.to - stretch.from }, (_, index) => stretch.at(stretch.from + index))
}

/** The newest (or oldest) rows of several stretches, the newest (or oldest) first. */
function endOf(stretches: readonly Stretch[], limit: number, newestFirst: boolean): PinRow[] {
  const ends = stretches.flatMap((stretch) => {
    const length = Math.min(limit, stretch.to - stretch.from)
    const first = newestFirst ? stretch.to - length : stretch.from
    return Array.from({ length }, (_, index) => stretch.at(first + index))
  })
  const sorted = ends.sort(newestFirst ? (a, b) => inOrder(b, a) : inOrder)
  return sorted.slice(0, limit)
}

/** The rows at some positions of several stretches laid end to end. */
function someOf(stretches: readonly Stretch[], positions: readonly number[]): PinRow[] {
  return positions.map((position) => {
    let rest = position
    for (const { at, from, to } of stretches) {
      if (rest < to - from) return at(from + rest)
      rest -= to - from
    }
    throw new RangeError(`no row at ${position}`)
  })
}
