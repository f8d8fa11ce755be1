import fc from 'fast-check'
import { type Status, statuses } from '../../../src/domain/pin.ts'

/** What happens at the service; `at` chooses among the requests that are there. */
export type Event =
  | { readonly kind: 'add'; readonly count: number; readonly seconds: number }
  | { readonly kind: 'bulk'; readonly count: number }
  | { readonly kind: 'dense'; readonly count: number }
  | { readonly kind: 'status'; readonly at: number; readonly status: Status }
  | { readonly kind: 'remove'; readonly at: number; readonly count: number }
  | { readonly kind: 'replace'; readonly at: number }
  | { readonly kind: 'move'; readonly at: number; readonly count: number }
  | { readonly kind: 'hide'; readonly at: number; readonly count: number }
  | { readonly kind: 'late'; readonly age: number }
  | { readonly kind: 'unhide' }

/** One run: what happens before its listing, and while that is under way. */
export interface Step {
  readonly before: readonly Event[]
  /** Each happens when the listing's request of this number comes in, in the order of the numbers. */
  readonly during: readonly { readonly request: number; readonly event: Event }[]
  readonly full: boolean
  /** The run is killed when its listing's request of this number comes in. */
  readonly killedAt: number | undefined
}

const kind = <const Kind extends string>(name: Kind) => fc.constant(name)
const count = (max: number) => fc.integer({ min: 1, max })
const at = fc.nat({ max: 10_000 })

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: kind('add'), count: count(80), seconds: fc.integer({ min: 80, max: 3000 }) }),
  fc.record({ kind: kind('bulk'), count: count(12) }),
  fc.record({ kind: kind('dense'), count: count(40) }),
  fc.record({ kind: kind('status'), at, status: fc.constantFrom(...statuses) }),
  fc.record({ kind: kind('remove'), at, count: count(12) }),
  fc.record({ kind: kind('replace'), at }),
  fc.record({ kind: kind('move'), at, count: count(4) }),
  // More than a service ever holds here: its own node is down.
  fc.record({ kind: kind('hide'), at, count: fc.oneof(count(12), fc.constant(10_000)) }),
  fc.record({ kind: kind('late'), age: count(100_000) }),
  fc.record({ kind: kind('unhide') }),
)

const step: fc.Arbitrary<Step> = fc.record({
  before: fc.array(event, { maxLength: 4, size: 'max' }),
  during: fc
    .array(fc.record({ request: count(6), event }), { maxLength: 3, size: 'max' })
    .map((events) => events.toSorted((a, b) => a.request - b.request)),
  full: fc.constantFrom(false, false, false, true),
  killedAt: fc.option(count(8), { freq: 2, nil: undefined }),
})

/** So many requests are there before the first run: some pages. */
const filled: fc.Arbitrary<Event> = fc.record({
  kind: kind('add'),
  count: fc.integer({ min: 0, max: 150 }),
  seconds: fc.constant(5000),
})

/** What happens at a service over some runs, without what may hide. */
export const history: fc.Arbitrary<readonly Step[]> = fc
  .tuple(filled, step, fc.array(step, { maxLength: 5, size: 'max' }))
  .map(([event, first, others]) => withoutHiding([{ ...first, before: [event, ...first.before] }, ...others]))

/**
 * A request that is lost and one that appears in the past can hide each other behind equal counts, where nothing was
 * proved between the two: that is for the audit. A killed run proves nothing; every other one of a history ends in a
 * proof. What happens before a listing that reads everything hides nothing from it.
 */
function withoutHiding(steps: readonly Step[]): Step[] {
  let since: Changes = { lost: false, hidden: false, gained: false }
  const isPlain = (event: Event) => {
    const after = changesAfter(since, event)
    // Those that were hidden may come back: nothing else is gone then.
    if (after.gained && (after.lost || after.hidden)) return false
    since = after
    return true
  }
  return steps.map((step, index) => {
    const readsEverything = index === 0 || (step.full && step.killedAt === undefined)
    const before = readsEverything ? step.before : step.before.filter(isPlain)
    if (readsEverything) since = { lost: false, hidden: false, gained: false }
    const during = step.during.filter(({ event }) => isPlain(event))
    if (step.killedAt === undefined) since = { lost: false, hidden: false, gained: false }
    return { ...step, before, during }
  })
}

/** What became of past windows since the last proof. */
interface Changes {
  readonly lost: boolean
  readonly hidden: boolean
  readonly gained: boolean
}

function changesAfter(since: Changes, { kind }: Event): Changes {
  if (kind === 'remove' || kind === 'replace' || kind === 'move') return { ...since, lost: true }
  if (kind === 'hide') return { ...since, hidden: true }
  if (kind === 'late') return { ...since, gained: true }
  if (kind === 'unhide') return { ...since, hidden: false, gained: true }
  return since
}
