import { type Status, statuses } from '../../../src/domain/pin.ts'
import { clusterRefusals, filebaseRefusals, type Refusals } from './refusals.ts'
import type { PinRow } from './row.ts'

/** How a service behaves where the Pinning Service API leaves it open, or where services depart from it. */
export interface Manners {
  /** `unordered`: a page is any part of what matches, in no order. Ties within an instant are in no order of ids. */
  readonly order: 'newest-first' | 'oldest-first' | 'unordered'
  readonly before: 'strict' | 'inclusive'
  readonly after: 'strict' | 'inclusive'
  /**
   * What becomes of `before` and `after` that are written with a fraction of a second: honoured, cut off, answered as if
   * the bound were not there, or refused: with a status, or with a page of HTML under 200.
   */
  readonly fractions: 'honoured' | 'truncated' | 'ignored' | 'html' | 400 | 422 | 500
  /** How several statuses in one filter are read: as a list, as one of them, as one word, as none, or refused. */
  readonly severalStatuses: 'list' | 'first' | 'last' | 'one-word' | 'default' | 400 | 500
  /**
   * `created` in whole seconds with New York's offset, in whole seconds of UTC (but finer in the answer to a POST, as
   * IPFS Cluster), or in ms of UTC.
   */
  readonly created: 'new-york-seconds' | 'utc-seconds' | 'utc-milliseconds' | 'hidden-milliseconds'
  readonly minLimit: 0 | 1
  readonly maxLimit: number
  /** What becomes of a `limit` above `maxLimit`. `ignored`: every page is all that matches. */
  readonly aboveMaxLimit: 'capped' | 'refused' | 'ignored'
  /** What is listed where no status is asked for. */
  readonly defaultStatuses: readonly Status[]
  /** How many CIDs the `cid` filter takes. */
  readonly maxCids: number
  /** `alone`: where it is there, every other filter is overlooked. */
  readonly cidFilter: 'combined' | 'alone'
  /** `page`: only as many as the page holds; `any-status`: whatever status is asked for; or always the same number. */
  readonly count: 'all' | 'page' | 'any-status' | number
  /** Whether a page that holds more than one shows its first twice and leaves out its last. */
  readonly pages: 'honest' | 'doubled'
  /** How a list without requests is answered. */
  readonly emptyList: 'shown' | 404
  /** What the first list of all is answered instead. */
  readonly firstList: 'shown' | 'empty' | 'html' | 'object' | 'half'
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
  severalStatuses: 'list',
  created: 'new-york-seconds',
  minLimit: 1,
  maxLimit: 1000,
  aboveMaxLimit: 'capped',
  defaultStatuses: statuses,
  maxCids: 10,
  cidFilter: 'combined',
  count: 'all',
  pages: 'honest',
  emptyList: 'shown',
  firstList: 'shown',
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
  severalStatuses: 'list',
  created: 'utc-seconds',
  minLimit: 0,
  maxLimit: Number.MAX_SAFE_INTEGER,
  aboveMaxLimit: 'capped',
  defaultStatuses: statuses,
  maxCids: Number.MAX_SAFE_INTEGER,
  cidFilter: 'alone',
  count: 'all',
  pages: 'honest',
  emptyList: 'shown',
  firstList: 'shown',
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
