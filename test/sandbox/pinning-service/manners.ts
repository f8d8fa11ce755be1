import { type Status, statuses } from '../../../src/domain/pin.ts'
import { clusterRefusals, filebaseRefusals, type Refusals } from './refusals.ts'
import type { PinRow } from './row.ts'

/** How a service behaves where the Pinning Service API leaves it open, or where services depart from it. */
export interface Manners {
  /** `unordered`: a page is any part of what matches, in no order. Ties within an instant are in no order of ids. */
  readonly order: 'newest-first' | 'oldest-first' | 'unordered'
  readonly before: 'strict' | 'inclusive'
  readonly after: 'strict' | 'inclusive'
  /** What becomes of fractions of a second in `before` and `after`. */
  readonly fractions: 'honoured' | 'truncated'
  /**
   * `created` in whole seconds with New York's offset, in whole seconds of UTC (but finer in the answer to a POST, as
   * IPFS Cluster), or in ms of UTC.
   */
  readonly created: 'new-york-seconds' | 'utc-seconds' | 'utc-milliseconds' | 'hidden-milliseconds'
  readonly minLimit: 0 | 1
  readonly maxLimit: number
  /** What becomes of a `limit` above `maxLimit`. */
  readonly aboveMaxLimit: 'capped' | 'refused'
  /** What is listed where no status is asked for. */
  readonly defaultStatuses: readonly Status[]
  /** How many CIDs the `cid` filter takes. */
  readonly maxCids: number
  /** `alone`: where it is there, every other filter is overlooked. */
  readonly cidFilter: 'combined' | 'alone'
  /** `page`: only as many as the page holds. */
  readonly count: 'all' | 'page'
  /** `cid`: one request a CID; asking again moves `created`, replacing a CID by itself destroys the pin. */
  readonly requestid: 'opaque' | 'cid'
  /** What a pin without a name shows as its name. */
  readonly nameless: 'cid' | 'absent'
  /** Whether `origins` and `meta` are there when there are none. */
  readonly empty: 'shown' | 'absent'
  /** Where it is said why a request failed. */
  readonly failureReason: 'pin.meta.failure_reason' | 'info.status_details' | 'nowhere'
  readonly info: (row: PinRow) => Readonly<Record<string, string>>
  /** What is shown of one hidden request: nothing (404), or that it failed, created in the year 1. */
  readonly hidden: 'nothing' | 'failed-in-year-1'
  /** The service's peers that a request shows. */
  readonly delegates: readonly string[]
  readonly added: 200 | 202
  readonly replaced: 200 | 202
  readonly refusals: Refusals
}

const filebasePeers = [
  '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B',
  '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM',
  '12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R',
]

/** The multiaddrs of Filebase's own peers. */
const filebaseDelegates: readonly string[] = filebasePeers.map(
  (peer, index) => `/dns4/ipfs-pin-${index}.vin1.filebase.io/tcp/4001/p2p/${peer}`,
)

/** Filebase, as its recorded traffic of 2023 shows it, with the largest page that was seen. */
export const filebase: Manners = {
  order: 'newest-first',
  before: 'strict',
  after: 'strict',
  fractions: 'honoured',
  created: 'new-york-seconds',
  minLimit: 1,
  maxLimit: 1000,
  aboveMaxLimit: 'capped',
  defaultStatuses: statuses,
  maxCids: 10,
  cidFilter: 'combined',
  count: 'all',
  requestid: 'opaque',
  nameless: 'cid',
  empty: 'shown',
  failureReason: 'pin.meta.failure_reason',
  info: ({ status }) => ({ size: status === 'pinned' ? '262158' : '0' }),
  hidden: 'nothing',
  delegates: filebaseDelegates,
  added: 202,
  replaced: 200,
  refusals: filebaseRefusals,
}

/** IPFS Cluster 1.1.0: the contract tests compare it with the real one. */
export const cluster: Manners = {
  order: 'unordered',
  before: 'inclusive',
  after: 'inclusive',
  fractions: 'honoured',
  created: 'utc-seconds',
  minLimit: 0,
  maxLimit: Number.MAX_SAFE_INTEGER,
  aboveMaxLimit: 'capped',
  defaultStatuses: statuses,
  maxCids: Number.MAX_SAFE_INTEGER,
  cidFilter: 'alone',
  count: 'all',
  requestid: 'cid',
  nameless: 'absent',
  empty: 'absent',
  failureReason: 'nowhere',
  info: () => ({
    source: 'IPFS cluster API',
    warning1: 'CID used for requestID. Conflicts possible',
    warning2: 'experimental',
  }),
  hidden: 'failed-in-year-1',
  delegates: [],
  added: 200,
  replaced: 200,
  refusals: clusterRefusals,
}

/** What the specification says. */
export const specified: Manners = {
  ...filebase,
  created: 'utc-milliseconds',
  aboveMaxLimit: 'refused',
  defaultStatuses: ['pinned'],
  nameless: 'absent',
  failureReason: 'info.status_details',
  info: () => ({}),
  replaced: 202,
}
