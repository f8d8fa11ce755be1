import { type Status, statuses } from '../../../src/domain/pin.ts'
import type { Manners } from './manners.ts'
import type { PinRow } from './row.ts'

/** What a GET /pins asks for. */
export interface Query {
  readonly statuses: readonly Status[]
  readonly before: Bound | undefined
  readonly after: Bound | undefined
  readonly limit: number
  readonly cids: readonly string[] | undefined
  /** Whether a row matches `name`, `match` and `meta`; `undefined` where none was asked for. */
  readonly matches: ((row: PinRow) => boolean) | undefined
}

interface Bound {
  readonly instant: number
  readonly inclusive: boolean
}

/** A parameter that the service does not accept. */
export class BadQuery extends Error {
  override name = 'BadQuery'
}

/** A query that the service makes nothing of, and says so with this status, or with a page of HTML. */
export class Misunderstood extends Error {
  override name = 'Misunderstood'
  readonly answer: number | 'html'

  constructor(answer: number | 'html') {
    super(`answered with ${answer}`)
    this.answer = answer
  }
}

const matchers: Readonly<Record<string, (name: string, wanted: string) => boolean>> = {
  exact: (name, wanted) => name === wanted,
  iexact: (name, wanted) => name.toLowerCase() === wanted.toLowerCase(),
  partial: (name, wanted) => name.includes(wanted),
  ipartial: (name, wanted) => name.toLowerCase().includes(wanted.toLowerCase()),
}

/** @throws BadQuery */
export function readQuery(parameters: URLSearchParams, manners: Manners): Query {
  return {
    statuses: readStatuses(parameters.get('status'), manners),
    before: readBound(parameters, 'before', manners),
    after: readBound(parameters, 'after', manners),
    limit: readLimit(parameters.get('limit'), manners),
    cids: readCids(parameters.get('cid'), manners),
    matches: readMatches(parameters, manners),
  }
}

function readStatuses(text: string | null, manners: Manners): readonly Status[] {
  if (text === null || text === '') return manners.defaultStatuses
  const asked = text.split(',')
  const { severalStatuses } = manners
  if (asked.length > 1 && severalStatuses !== 'list') {
    if (severalStatuses === 'one-word') return []
    if (severalStatuses === 'default') return ['pinned']
    if (typeof severalStatuses === 'number') throw new Misunderstood(severalStatuses)
    asked.splice(0, asked.length, asked.at(severalStatuses === 'first' ? 0 : -1) as string)
  }
  for (const status of asked)
    if (!statuses.includes(status as Status)) throw new BadQuery(`status: ${status} is none`)
  return [...new Set(asked)] as Status[]
}

function readBound(
  parameters: URLSearchParams,
  which: 'before' | 'after',
  manners: Manners,
): Bound | undefined {
  const text = parameters.get(which)
  if (text === null || text === '') return undefined
  const { fractions } = manners
  if (/\.\d/.test(text)) {
    if (fractions === 'ignored') return undefined
    if (fractions === 'html' || typeof fractions === 'number') throw new Misunderstood(fractions)
  }
  const instant = Date.parse(text)
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(instant)) throw new BadQuery(`${which}: not a date`)
  return {
    instant: fractions === 'truncated' ? Math.floor(instant / 1000) * 1000 : instant,
    inclusive: manners[which] === 'inclusive',
  }
}

function readLimit(text: string | null, manners: Manners): number {
  const limit = text === null || text === '' ? 10 : Number(text)
  if (!Number.isInteger(limit) || limit < manners.minLimit)
    throw new BadQuery('limit: not a positive integer')
  if (manners.aboveMaxLimit === 'ignored') return Number.MAX_SAFE_INTEGER
  if (limit <= manners.maxLimit) return limit
  if (manners.aboveMaxLimit === 'refused') throw new BadQuery(`limit: at most ${manners.maxLimit}`)
  return manners.maxLimit
}

function readCids(text: string | null, manners: Manners): readonly string[] | undefined {
  if (text === null || text === '') return undefined
  const cids = text.split(',')
  if (cids.length > manners.maxCids) throw new BadQuery(`cid: at most ${manners.maxCids}`)
  return [...new Set(cids)]
}

function readMatches(parameters: URLSearchParams, manners: Manners): Query['matches'] {
  const name = parameters.get('name')
  const meta = readMeta(parameters.get('meta'))
  const matcher = matchers[parameters.get('match') ?? 'exact']
  if (matcher === undefined) throw new BadQuery('match: exact, iexact, partial or ipartial')
  if (name === null && meta.length === 0) return undefined
  const nameOf = (row: PinRow) => row.name ?? (manners.nameless === 'cid' ? row.cid : '')
  return (row) =>
    (name === null || matcher(nameOf(row), name)) && meta.every(([key, value]) => row.meta[key] === value)
}

function readMeta(text: string | null): [string, string][] {
  if (text === null || text === '') return []
  try {
    return Object.entries(JSON.parse(text) as Record<string, string>)
  } catch {
    throw new BadQuery('meta: not a JSON object')
  }
}
