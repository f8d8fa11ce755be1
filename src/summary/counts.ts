import type { BucketEntries, CidEntries } from '../domain/entries.ts'
import type { BucketReport, DirectionReport, FailedRequest, LeftBy, Report } from '../report/report.ts'

/** What a run came to in numbers, of both directions together. */
export interface Counts {
  readonly missing: number
  readonly pinned: number
  readonly failed: number
  /** Of those that failed: not tried in this run. */
  readonly resting: number
  /** Neither pinned nor failed. */
  readonly left: number
}

export function countsOf({ backup, update }: Pick<Report, 'backup' | 'update'>): Counts {
  const directions = [backup, update].filter((one) => one !== null)
  const sum = (of: (one: (typeof directions)[number]) => number) =>
    directions.reduce((total, one) => total + of(one), 0)
  const [missing, pinned, failed] = [
    sum((one) => one.missing),
    sum((one) => one.pinned.length),
    sum((one) => one.failed.length),
  ]
  return { missing, pinned, failed, resting: sum((one) => one.resting), left: missing - pinned - failed }
}

/** A number of CIDs on each side, where there are any: `on the node`, `at Filebase`. */
export function bySide(
  { backup, update, service }: Pick<Report, 'backup' | 'update' | 'service'>,
  of: (one: DirectionReport) => number,
): readonly (readonly [number: number, where: string])[] {
  const sides = [
    [backup, 'on the node'],
    [update, `at ${service}`],
  ] as const
  return sides
    .map(([one, where]) => [one === null ? 0 : of(one), where] as const)
    .filter(([number]) => number > 0)
}

/** How many CIDs of a bucket that was not listed are known from before. */
export function knownBefore({ listing, standing }: BucketReport): number {
  return listing.brokeOff ? (standing?.atService ?? 0) : 0
}

/** How many requests vanished in a drop that is not believed yet. */
export function vanishedOf({ buckets }: Pick<Report, 'buckets'>): number {
  return buckets.reduce((sum, { listing }) => sum + listing.vanished, 0)
}

/** A request that the service gave up, and whose it is. */
export type GivenUp = FailedRequest & { readonly bucket: string }

/** The requests that the service gave up, but for those that an update asks for again by itself. */
export function givenUpOf({ buckets, update }: Pick<Report, 'buckets' | 'update'>): BucketEntries<GivenUp> {
  const isAskedAgain = new Set(Iterator.from(update?.failed ?? []).map(({ cid }) => cid))
  const isGivenUp = (cid: string) => !isAskedAgain.has(cid)
  const own = buckets.map(({ name, failedRequests: requests }) => ({
    name,
    requests,
    count: isAskedAgain.size === 0 ? requests.length : howMany(cidsOf(requests), isGivenUp),
  }))
  return {
    length: own.reduce((sum, { count }) => sum + count, 0),
    *[Symbol.iterator]() {
      for (const { name: bucket, requests } of own)
        for (const request of requests) if (isGivenUp(request.cid)) yield { ...request, bucket }
    },
    *buckets() {
      for (const { name, count } of own) for (let left = count; left > 0; left--) yield name
    },
  }
}

function cidsOf(requests: CidEntries<FailedRequest>): Iterable<string> {
  return requests.cids?.() ?? Iterator.from(requests).map(({ cid }) => cid)
}

function howMany(cids: Iterable<string>, isOne: (cid: string) => boolean): number {
  let count = 0
  for (const cid of cids) if (isOne(cid)) count++
  return count
}

const limits: Readonly<Record<LeftBy, string>> = {
  'time-limit': 'time ran out',
  'max-bytes': '`max-bytes` is used up',
  'keep-free': '`keep-free` would not be left',
}

/** `time ran out and `max-bytes` is used up`: all that left work to a later run. */
export function limitsSaid(leftBy: readonly LeftBy[]): string {
  return leftBy.map((one) => limits[one]).join(' and ')
}
