import fc from 'fast-check'

/** What becomes of one POST. */
export type Fate =
  | 'answered'
  /** Taken in, and its answer lost. */
  | 'taken-500'
  | 'taken-504'
  | 'taken-cut'
  /** Not taken in, without a word that says so. */
  | 'lost-500'
  | 'lost-cut'
  | 'refused'
  | 'another-cid'
  /** Taken in, and the run is killed before it hears of it. */
  | 'killed'

/** When a new request can be seen: at once; in an hour; or in lists only after days, but by its CID or requestid. */
export type Shown = 'at-once' | 'within-the-hour' | 'late-by-requestid' | 'late-by-cid'

/** What happens at the service between two runs; `at` chooses among its requests. */
export type Event =
  | { readonly kind: 'pin'; readonly count: number }
  | { readonly kind: 'remove'; readonly at: number; readonly count: number }
  /** Lists leave some out for a while. */
  | { readonly kind: 'unlist'; readonly at: number; readonly count: number }
  | { readonly kind: 'list-all' }
  | { readonly kind: 'fail'; readonly at: number }
  | { readonly kind: 'settle' }

export interface Step {
  /** Since the run before, ms. */
  readonly passed: number
  readonly events: readonly Event[]
  /** Of the POSTs of this run, in turn. */
  readonly fates: readonly Fate[]
  readonly shown: readonly Shown[]
  readonly isManual: boolean
  /** The run is killed at its request of this number. */
  readonly killedAt: number | undefined
}

const minute = 60_000
const kind = <const Kind extends string>(name: Kind) => fc.constant(name)
const at = fc.nat({ max: 10_000 })
const count = (max: number) => fc.integer({ min: 1, max })

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: kind('pin'), count: count(3) }),
  fc.record({ kind: kind('remove'), at, count: count(2) }),
  fc.record({ kind: kind('unlist'), at, count: fc.oneof(count(3), fc.constant(10_000)) }),
  fc.record({ kind: kind('list-all') }),
  fc.record({ kind: kind('fail'), at }),
  fc.record({ kind: kind('settle') }),
)

const fate = fc.constantFrom<Fate>(
  'answered',
  'answered',
  'answered',
  'taken-500',
  'taken-504',
  'taken-cut',
  'lost-500',
  'lost-cut',
  'refused',
  'another-cid',
  'killed',
)
const shown = fc.constantFrom<Shown>(
  'at-once',
  'at-once',
  'within-the-hour',
  'late-by-requestid',
  'late-by-cid',
)

const step: fc.Arbitrary<Step> = fc.record({
  passed: fc.constantFrom(8000, 20 * minute, 61 * minute, 25 * 60 * minute),
  events: fc.array(event, { maxLength: 3, size: 'max' }),
  fates: fc.array(fate, { minLength: 1, maxLength: 5, size: 'max' }),
  shown: fc.array(shown, { minLength: 1, maxLength: 5, size: 'max' }),
  isManual: fc.constantFrom(false, false, true),
  killedAt: fc.option(count(12), { freq: 3, nil: undefined }),
})

/** Some runs of an update; the node has so many pins before the first, and the service so many requests of others. */
export const history = fc.record({
  pins: count(6),
  others: fc.constantFrom(0, 3, 25),
  steps: fc.array(step, { minLength: 2, maxLength: 4, size: 'max' }),
})
