import { expect, test } from 'vitest'
import { anyLength, Manners } from '../../../src/domain/manners.ts'
import {
  everything,
  halfSeconds,
  milliseconds,
  type Window,
  wholeSeconds,
} from '../../../src/domain/windows.ts'
import type { Listing } from '../../../src/listing/listing.ts'
import { seePage } from '../../../src/listing/manners/see-page.ts'
import { OddRows } from '../../../src/listing/odd-rows.ts'
import { UnsureWindows } from '../../../src/listing/unsure-windows.ts'
import { type OddRow, pageOf } from '../../../src/service/answers.ts'
import { seconds, start } from './listing-under-test.ts'

interface Case {
  /** When the requests of the page were created, in seconds. */
  readonly shown?: readonly number[]
  readonly count?: number
  readonly odd?: readonly OddRow[]
  readonly isDoubled?: boolean
  readonly asked?: Window
  readonly known?: Partial<Manners>
}

/** What a page taught, of what is known of the service and of the listing. */
function seen({
  shown = [1, 2, 3],
  count = shown.length,
  odd = [],
  isDoubled = false,
  asked = everything,
  known = {},
}: Case) {
  const manners = Object.assign(new Manners(), known)
  let isReadInVain = false
  const state = { readInVain: () => (isReadInVain = true) }
  const listing = { manners, state, odd: new OddRows(), unsure: new UnsureWindows() } as unknown as Listing
  const requests = shown.map((second, n) => ({
    ...{ requestid: `r${n}`, cid: 'x', status: 'pinned' as const, created: start + second * 1000 },
    ...{ name: null, delegates: [], meta: null, failureReason: null, size: null },
  }))
  seePage(listing, { page: { ...pageOf({ requests, odd, moreOdd: 0 }, count), isDoubled }, asked })
  const { pageSize, largestPage, honestUpTo, showsFractions, grid } = manners
  return {
    pageSize,
    largestPage,
    honestUpTo,
    showsFractions,
    grid,
    isReadInVain,
    odd: listing.odd.size,
    unsure: listing.unsure.all(),
  }
}

const nothing = {
  ...{ pageSize: 3, largestPage: 3, honestUpTo: undefined, showsFractions: false, grid: undefined },
  ...{ isReadInVain: false, odd: 0, unsure: [] },
}
const fine = seconds(0.5, 3.5)
const odd = [{ requestid: 'odd', cid: '', problem: 'no date' }]

test.each<[string, Case, Partial<typeof nothing> | object]>([
  ['nothing but its length', {}, {}],
  ['the longest page', { known: { pageSize: 9, largestPage: 2 } }, { pageSize: 9 }],
  ['that the count goes beyond it', { count: 4 }, { honestUpTo: anyLength }],
  ['no count where a request is shown twice', { count: 4, isDoubled: true }, {}],
  ['that instants are finer than seconds', { shown: [1, 2.5, 3] }, { showsFractions: true }],
  [
    'that windows at half seconds are none then',
    { shown: [1, 2.5, 3], known: { grid: halfSeconds } },
    { showsFractions: true, isReadInVain: true },
  ],
  [
    'nothing of milliseconds by that',
    { shown: [1, 2.5, 3], known: { grid: milliseconds } },
    { showsFractions: true, grid: milliseconds },
  ],
  ['nothing where all lie within', { asked: fine, known: { grid: halfSeconds } }, { grid: halfSeconds }],
  [
    'nothing where some lie at the bounds',
    { shown: [1, 3], asked: seconds(1, 3.5), known: { grid: halfSeconds } },
    { pageSize: 2, largestPage: 2, grid: halfSeconds },
  ],
  [
    'nothing where one lies at the upper one',
    { shown: [1, 3], asked: seconds(0.5, 3), known: { grid: halfSeconds } },
    { pageSize: 2, largestPage: 2, grid: halfSeconds },
  ],
  [
    'that bounds are not honoured, by one below',
    { shown: [0, 2, 3], asked: fine, known: { grid: halfSeconds } },
    { grid: wholeSeconds, isReadInVain: true },
  ],
  [
    'that bounds are not honoured, by one above',
    { shown: [1, 2, 4], asked: seconds(null, 3.5), known: { grid: halfSeconds } },
    { grid: wholeSeconds, isReadInVain: true },
  ],
  [
    'nothing by one beyond bounds of whole seconds',
    { shown: [0, 2, 3], asked: seconds(1, 4), known: { grid: halfSeconds } },
    { grid: halfSeconds },
  ],
  [
    'nothing by one beyond where bounds are known to be cut',
    { shown: [0, 2, 3], asked: fine, known: { grid: wholeSeconds } },
    { grid: wholeSeconds },
  ],
  ['nothing by one beyond while that is found out', { shown: [0, 2, 3], asked: fine }, {}],
  [
    'where something may be missing',
    { odd, asked: seconds(1, 4), count: 4 },
    { pageSize: 4, largestPage: 4, odd: 1, unsure: [seconds(1, 4)] },
  ],
])('a page tells %s', (_, given, expected) => {
  expect(seen(given)).toEqual({ ...nothing, ...expected })
})
