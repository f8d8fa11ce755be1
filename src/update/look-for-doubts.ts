import pMap from 'p-map'
import type { CidKey } from '../domain/cid.ts'
import { parseCid } from '../domain/cid.ts'
import { hasPassed, hour } from '../domain/moment.ts'
import type { PinRequest } from '../domain/pin.ts'
import type { Wanted } from '../domain/plan-update.ts'
import type { ListedBucket } from '../sides/list-service.ts'
import type { Doubts, Gone, Sent } from '../snapshot/doubts.ts'
import { findLive, findManyLive } from './look-up.ts'

/** What became of what was in doubt. */
export interface Looked {
  /** Nobody has it: it may be sent. */
  readonly free: readonly Wanted[]
  /** The service has it, though no listing shows it. */
  readonly found: readonly { readonly wanted: Wanted; readonly request: PinRequest }[]
  /** It was sent so lately that it may still come to be shown. */
  readonly doubted: readonly Wanted[]
  /** Not looked for to the end, for `error`. */
  readonly left: readonly Wanted[]
  readonly error: unknown
}

const width = 8
const mostExamples = 10

/**
 * Looks at the service for what is due and may be there already: what earlier runs sent and no listing shows, and what
 * has vanished. Only a listing that was proved an hour after a request was sent, and that does not show it,
 * proves that it was not taken in.
 * @param buckets proved complete
 */
export async function lookForDoubts(
  due: readonly Wanted[],
  { doubts, buckets, signal }: { doubts: Doubts; buckets: readonly ListedBucket[]; signal: AbortSignal },
): Promise<Looked> {
  const byId = new Map(buckets.map((bucket) => [bucket.requests.id, bucket]))
  const sent = Map.groupBy(doubts.sent(), ({ key }) => key)
  const gone = Map.groupBy(doubts.gone(new Set(due.map(({ cid }) => cid.key))), ({ key }) => key)
  const found = new Map<CidKey, PinRequest>()
  const doubted = new Set<CidKey>()
  let error: unknown = null
  try {
    await lookForSent()
    await lookForGone()
  } catch (thrown) {
    error = thrown
  }
  const looked = { free: [] as Wanted[], found: [] as Looked['found'][number][], doubted: [] as Wanted[] }
  const left: Wanted[] = []
  for (const wanted of due) {
    const request = found.get(wanted.cid.key)
    if (request !== undefined) looked.found.push({ wanted, request })
    else if (doubted.has(wanted.cid.key)) looked.doubted.push(wanted)
    else (error === null ? looked.free : left).push(wanted)
  }
  return { ...looked, left, error }

  async function lookForSent(): Promise<void> {
    const inDoubt = due.flatMap((wanted) => {
      const notes = sent.get(wanted.cid.key)?.filter((note) => !isShownToHaveFailed(note, wanted, byId))
      return notes === undefined || notes.length === 0 ? [] : [{ wanted, notes }]
    })
    // Until they are looked for, also where that breaks off.
    for (const { wanted } of inDoubt) doubted.add(wanted.cid.key)
    await pMap(
      inDoubt,
      async ({ wanted, notes }) => {
        let isOver = true
        for (const note of notes) {
          const bucket = byId.get(note.bucket)
          if (bucket === undefined) return
          const request = await findSent(bucket, wanted, note)
          if (request !== undefined) return take(wanted.cid.key, note, request)
          isOver &&= hasPassed(hour, note.at, bucket.listedAt)
        }
        if (isOver) doubted.delete(wanted.cid.key)
      },
      { concurrency: width },
    )
  }

  /** Whatever became of it: one that failed, and is not listed yet, was taken in too. */
  async function findSent(
    { client }: ListedBucket,
    { cid }: Wanted,
    { requestid }: Sent,
  ): Promise<PinRequest | undefined> {
    const request = requestid === null ? undefined : await client.get(requestid, signal)
    if (request !== undefined && parseCid(request.cid)?.key === cid.key) return request
    return findLive(client, cid, signal)
  }

  async function lookForGone(): Promise<void> {
    const wantedOf = new Map(due.map((wanted) => [wanted.cid.key, wanted]))
    const isOpen = ({ key }: Gone) => !doubted.has(key) && !found.has(key)
    const byBucket = Map.groupBy([...gone.values()].flat().filter(isOpen), ({ bucket }) => bucket)
    for (const [id, ofBucket] of byBucket) {
      const bucket = byId.get(id)
      if (bucket === undefined) continue
      const cids = ofBucket.flatMap(({ key }) => wantedOf.get(key)?.cid ?? [])
      const examples = bucket.requests.examples(mostExamples)
      for (const request of await findManyLive(bucket.client, cids, { examples, signal })) {
        const key = parseCid(request.cid)?.key
        if (key !== undefined) take(key, { bucket: id, key }, request)
      }
    }
  }

  function take(key: CidKey, note: Pick<Gone, 'bucket' | 'key'>, request: PinRequest): void {
    found.set(key, request)
    const bucket = byId.get(note.bucket)
    if (bucket !== undefined) doubts.renew(note, bucket.client.now)
  }
}

/** Whether the listing shows what was sent, as it has a request that failed since. */
function isShownToHaveFailed(
  { bucket, failedCreated }: Sent,
  { failed, bucket: name }: Wanted,
  byId: ReadonlyMap<number, ListedBucket>,
): boolean {
  if (failed === null || byId.get(bucket)?.name !== name) return false
  return failedCreated === null || failed.created > failedCreated
}
