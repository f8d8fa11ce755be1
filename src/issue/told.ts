import { z } from 'zod'
import type { Retry } from '../domain/reasons/classes.ts'
import { countsOf, digestOfList, digestOfSum, keyOf, sumWith } from './keys.ts'
import { type FailingRuns, type Kind, kinds, ledgerKinds, type Tracked } from './tracked.ts'

const counted = z.int().min(0)
const toldSchema = z.object({
  /** When, ms: what is newer was not told. */
  at: z.number(),
  /** How many runs had failed in a row; 0 where that was not told. */
  runs: counted,
  /** How many had failed, and since when, where the next run that cannot open the snapshot is to count on. */
  streak: z.object({ since: z.iso.datetime(), runs: counted }).nullable().default(null),
  /**
   * Of the ledger, those that are pinned and not whole, and of the others those that are tried again and those that are
   * not; and how many there are of each kind.
   */
  counts: z.object({
    broken: counted,
    later: counted,
    never: counted,
    delegate: counted,
    request: counted,
    doubt: counted,
    peer: counted,
    bucket: counted,
  }),
  /** How many of the ledger are in a bucket; the last has no name, and is of all others. */
  places: z.array(z.tuple([z.enum(ledgerKinds), z.string(), counted])),
  /** Of the ledger: tells whether anything changed. */
  ledgerDigest: z.string(),
  /** Of all keys, also where they are not listed. */
  keysDigest: z.string(),
  /** `KIND ID`; `null` where there are too many to list. */
  keys: z.array(z.string()).nullable(),
})

/** What the issue told its readers, kept in a hidden line of its body: what the next comment is compared with. */
export type Told = z.infer<typeof toldSchema>

/** About 200 CIDs: a third of the body at most. */
const mostKeyCharacters = 15_000
const mostPlaces = 60

/** What the issue told before and a run did not see, although it may still stand: it stays as it was told. */
export interface Unseen {
  /** `KIND ID`, in order. */
  readonly keys: readonly string[]
  /** How many more of each kind: of those that were too many to remember by name. */
  readonly unnamed: Readonly<Record<Kind, number>>
}

export const nothingUnseen: Unseen = {
  keys: [],
  unnamed: { delegate: 0, request: 0, doubt: 0, peer: 0, bucket: 0 },
}

/** All that is told by name but for the requests, of which there may be a million. */
export function fewKeysOf(tracked: Tracked): string[] {
  return [
    ...new Set([
      ...tracked.unknownDelegates.map(({ peerId }) => keyOf('delegate', peerId)),
      ...tracked.doubts.map(({ where }) => keyOf('doubt', where)),
      ...tracked.troubledPeers.map(({ peerId }) => keyOf('peer', peerId)),
      ...tracked.unmirrored.map((name) => keyOf('bucket', name)),
    ]),
  ]
}

/**
 * @param at when what is tracked was read, ms
 * @param unseen what is told beside it, as it was told before
 */
export function toldOf(tracked: Tracked, at: number, unseen: Unseen = nothingUnseen): Told {
  const { failedRequests } = tracked
  const few = [...fewKeysOf(tracked), ...unseen.keys]
  const counts = countsOf(few)
  counts.request += failedRequests.size
  for (const kind of kinds) counts[kind] += unseen.unnamed[kind]
  const areAllNamed = kinds.every((kind) => unseen.unnamed[kind] === 0)
  const keys = inOrderIfFew(few, failedRequests.keys())
  return {
    at,
    ...runsOf(tracked.failing),
    counts: { ...ledgerCounts(tracked), ...counts },
    places: placesOf(tracked),
    ledgerDigest: tracked.ledgerDigest,
    keysDigest: keys === null ? digestOfSum(few.reduce(sumWith, failedRequests.sum)) : digestOfList(keys),
    keys: areAllNamed ? keys : null,
  }
}

/** `null` where they are too many to list; no more are looked at then. */
function inOrderIfFew(...parts: readonly Iterable<string>[]): string[] | null {
  const keys: string[] = []
  let characters = 0
  for (const part of parts)
    for (const key of part) {
      characters += Buffer.byteLength(JSON.stringify(key)) + 1
      if (characters > mostKeyCharacters) return null
      keys.push(key)
    }
  return keys.sort()
}

/** What is told of failing runs. */
export function runsOf(failing: FailingRuns | null): Pick<Told, 'runs' | 'streak'> {
  return { runs: failing?.runs ?? 0, streak: failing && { since: failing.since, runs: failing.runs } }
}

function ledgerCounts({ failures: { alike, others } }: Tracked): Pick<Told['counts'], 'broken' | Retry> {
  // What is too much to tell one by one is of reasons that nobody knows.
  const counts = {
    broken: others.verify.cids,
    later: others.backup.cids + others.update.cids,
    never: 0,
  }
  for (const { kind, retry, cids } of alike)
    if (kind !== 'request') counts[kind === 'verify' ? 'broken' : retry] += cids
  return counts
}

function placesOf({ failures }: Tracked): Told['places'] {
  return ledgerKinds.flatMap((kind) => {
    const all = failures.places
      .filter((place) => place.kind === kind)
      .toSorted((a, b) => b.cids - a.cids || (a.bucket < b.bucket ? -1 : 1))
    const rest = all.slice(mostPlaces).reduce((sum, { cids }) => sum + cids, 0)
    const places = all
      .slice(0, mostPlaces)
      .map(({ bucket, cids }): Told['places'][number] => [kind, bucket.slice(0, 100).toWellFormed(), cids])
    return rest === 0 ? places : [...places, [kind, '', rest] as const satisfies Told['places'][number]]
  })
}

/** The hidden line; in Base64, so that nothing in it can end the comment. */
export function toldLine(told: Told): string {
  return `<!-- ipfs-pin-mirror-told: ${Buffer.from(JSON.stringify(told)).toString('base64')} -->`
}

const toldPattern = /<!-- ipfs-pin-mirror-told: (\S+) -->/

/** What a body told; `undefined` where its line is missing or was damaged. */
export function toldIn(body: string): Told | undefined {
  const base64 = toldPattern.exec(body)?.[1]
  if (base64 === undefined) return undefined
  try {
    return toldSchema.parse(JSON.parse(Buffer.from(base64, 'base64').toString('utf8')))
  } catch {
    return undefined
  }
}

/** A body that tells something else in its hidden line. */
export function withTold(body: string, told: Told | undefined): string {
  return body.replace(toldPattern, () => (told === undefined ? '' : toldLine(told)))
}

/** Whether both tell of the same things, however these stand. */
export function tellsTheSame(one: Told | undefined, other: Told | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return (
    one.ledgerDigest === other.ledgerDigest &&
    one.keysDigest === other.keysDigest &&
    one.runs > 0 === other.runs > 0 &&
    (one.streak === null) === (other.streak === null)
  )
}
