import type { Departure } from '../snapshot/ledger.ts'
import { code, codeBlock } from '../text/escape.ts'
import { count, number } from '../text/numbers.ts'
import { minute, Page } from '../text/page.ts'
import { difference, idsOf } from './keys.ts'
import { type Told, tellsTheSame } from './told.ts'
import { type FailedAlike, kinds, ledgerKinds, type Tracked } from './tracked.ts'
import { lastErrors, nouns, placesIn, titleOf } from './words.ts'

/** What is told now and was not before, and the other way round, a line each. */
export interface Change {
  readonly appeared: readonly string[]
  readonly went: readonly string[]
  /** Some of the CIDs that are new, and how many there are. */
  readonly cids: readonly string[]
  readonly newCids: number
}

const failing = {
  backup: 'fail on the node',
  update: 'fail at the service',
  verify: 'are broken on the node',
} as const
const mostNamed = 10
const longestComment = 60_000

/** The difference between what was told and what is, whatever the size; `null` where there is none. */
export async function changeOf(before: Told, after: Told, tracked: Tracked): Promise<Change | null> {
  if (tellsTheSame(before, after)) return null
  const ledger = await ledgerChange(before, after, tracked)
  const keys = keyChange(before, after)
  const runs = runChange(before, after, tracked)
  return {
    appeared: [...runs.appeared, ...ledger.appeared, ...keys.appeared],
    went: [...runs.went, ...ledger.went, ...keys.went],
    cids: [...ledger.cids, ...keys.cids],
    newCids: ledger.newCids + keys.cids.length,
  }
}

/** The comment on a change; `null` where there is nothing to tell of it. */
export function renderChange(change: Change, isSettled: boolean, runUrl: string): string | null {
  const { appeared, went, cids, newCids } = change
  if (appeared.length + went.length === 0) return null
  const page = new Page(longestComment, 1024)
  page.add(
    isSettled
      ? `Nothing is left, so the issue is closed ([run](${runUrl})).`
      : `Since the last change ([run](${runUrl})):`,
  )
  const rows = [...appeared, ...went]
  page.list({ rows, row: (line) => `- ${line}`, most: 100 })
  for (const most of [500, 100, 20]) {
    if (newCids === 0) break
    const shown = cids.slice(0, most)
    const left = newCids - shown.length
    const more = left > 0 ? `\n\n…and ${number(left)} more.` : ''
    const fold = `<details><summary>${count(newCids, 'new CID')}</summary>\n\n${codeBlock(shown)}${more}\n\n</details>`
    if (page.tryAdd(fold)) break
  }
  return page.toString()
}

type Lines = Pick<Change, 'appeared' | 'went'>

function runChange(before: Told, after: Told, { failing: runs }: Tracked): Lines {
  if (runs !== null && before.runs === 0) {
    const line = `**${number(runs.runs)} runs in a row** ended with an error, since ${minute(runs.since)} (UTC): ${lastErrors(runs)}`
    return { appeared: [line], went: [] }
  }
  const isOver = after.runs === 0 && before.runs > 0
  return { appeared: [], went: isOver ? ['The runs no longer end with an error.'] : [] }
}

async function ledgerChange(before: Told, after: Told, tracked: Tracked): Promise<Change> {
  if (before.ledgerDigest === after.ledgerDigest) return { appeared: [], went: [], cids: [], newCids: 0 }
  const { failures, cids } = await tracked.newerThan(before.at)
  const others = ledgerKinds.flatMap((kind) => {
    const { reasons, cids: left } = failures.others[kind]
    return left === 0 ? [] : [plus(left, `${failing[kind]}, for ${count(reasons, 'other reason')}`)]
  })
  const appeared = [...failures.alike.map(appearedAlike), ...others]
  const went: string[] = []
  for (const { kind, bucket, cids: more } of movement(before, after, failures.places)) {
    const where = bucket === null ? '' : ` (${code(bucket, 60)})`
    // More than is newer by the box's clock, which may have been put back.
    if (more > 0) appeared.push(plus(more, `${failing[kind]}${where}`))
    else went.push(...departures(kind, bucket, -more, tracked).map((line) => `${line}${where}`))
  }
  return { appeared, went, cids, newCids: failures.places.reduce((sum, place) => sum + place.cids, 0) }
}

const gone: Readonly<Record<Place[0], Readonly<Record<Departure['why'], string>>>> = {
  backup: {
    done: 'now pinned on the node',
    ignored: 'now in `ignore`',
    gone: 'gone from the service',
    unwanted: 'not asked for any more',
  },
  update: {
    done: 'now pinned at the service',
    ignored: 'now in `ignore`',
    gone: 'no longer pinned on the node',
    unwanted: 'not in `only-names` any more',
  },
  verify: {
    done: 'now whole on the node',
    ignored: 'now in `ignore`',
    gone: 'no longer pinned on both sides',
    unwanted: 'not asked for any more',
  },
}

/** Why so many are not told of any more, where all of them left in this run: of others that is not known. */
function departures(kind: Place[0], bucket: string | null, cids: number, { departed }: Tracked): string[] {
  const own = departed.filter(
    (one) => one.direction === kind && (bucket === null || shown(one.bucket) === bucket),
  )
  const byReason = Map.groupBy(own, ({ why }) => why)
  const counted = [...byReason].map(
    ([why, all]) => [why, all.reduce((sum, one) => sum + one.cids, 0)] as const,
  )
  if (counted.reduce((sum, [, one]) => sum + one, 0) !== cids)
    return [minus(cids, `not among those that ${failing[kind]} any more`)]
  return counted.toSorted(([, a], [, b]) => b - a).map(([why, one]) => minus(one, gone[kind][why]))
}

/** A bucket's name, as it is told. */
const shown = (bucket: string) => bucket.slice(0, 100).toWellFormed()

function appearedAlike(alike: FailedAlike): string {
  return plus(alike.cids, `${titleOf(alike)} (${placesIn(alike)})`)
}

const plus = (cids: number, what: string) => `**+${number(cids)}** ${what}`

type Place = Told['places'][number]

/** By how many each bucket has changed besides what is newer; the whole of a direction where not all buckets were told. */
function movement(
  before: Told,
  after: Told,
  newer: readonly { readonly kind: string; readonly bucket: string; readonly cids: number }[],
): { readonly kind: Place[0]; readonly bucket: string | null; readonly cids: number }[] {
  return ledgerKinds.flatMap((kind) => {
    const told = [before, after].map(({ places }) => places.filter(([of]) => of === kind)) as [
      Place[],
      Place[],
    ]
    const isCut = told.flat().some(([, bucket]) => bucket === '')
    const sum = new Map<string | null, number>()
    const add = (bucket: string, cids: number) => {
      const place = isCut ? null : bucket
      sum.set(place, (sum.get(place) ?? 0) + cids)
    }
    for (const [, bucket, cids] of told[0]) add(bucket, -cids)
    for (const [, bucket, cids] of told[1]) add(bucket, cids)
    for (const place of newer) if (place.kind === kind) add(shown(place.bucket), -place.cids)
    return [...sum].filter(([, cids]) => cids !== 0).map(([bucket, cids]) => ({ kind, bucket, cids }))
  })
}

function keyChange(before: Told, after: Told): Lines & { readonly cids: readonly string[] } {
  if (before.keysDigest === after.keysDigest) return { appeared: [], went: [], cids: [] }
  if (before.keys === null || after.keys === null) {
    const moved = kinds.map((kind) => ({ kind, by: after.counts[kind] - before.counts[kind] }))
    return {
      appeared: moved.filter(({ by }) => by > 0).map(({ kind, by }) => plus(by, nouns[kind])),
      went: moved.filter(({ by }) => by < 0).map(({ kind, by }) => minus(-by, nouns[kind])),
      cids: [],
    }
  }
  const [come, gone] = [difference(after.keys, before.keys), difference(before.keys, after.keys)]
  const linesOf = (keys: readonly string[], line: (count: number, what: string) => string) =>
    kinds.flatMap((kind) => {
      const ids = idsOf(keys, kind)
      return ids.length === 0 ? [] : [line(ids.length, `${nouns[kind]}: ${named(ids)}`)]
    })
  return { appeared: linesOf(come, plus), went: linesOf(gone, minus), cids: idsOf(come, 'request') }
}

const minus = (count: number, what: string) => `**−${number(count)}** ${what}`

function named(ids: readonly string[]): string {
  const left = ids.length - mostNamed
  const shown = ids.slice(0, mostNamed).map((id) => code(id, 200))
  return [...shown, ...(left > 0 ? [`and ${number(left)} more`] : [])].join(', ')
}
