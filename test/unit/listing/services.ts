import fc from 'fast-check'
import type { Manners } from '../../sandbox/pinning-service.ts'

/** In what services differ within the API, and that matters to a listing. */
const plain: fc.Arbitrary<Partial<Manners>> = fc.record({
  order: fc.constantFrom('newest-first', 'oldest-first', 'unordered'),
  before: fc.constantFrom('strict', 'inclusive'),
  after: fc.constantFrom('strict', 'inclusive'),
  fractions: fc.constantFrom('honoured', 'truncated'),
  created: fc.constantFrom('new-york-seconds', 'utc-seconds', 'utc-milliseconds', 'hidden-milliseconds'),
  maxLimit: fc.constantFrom(20, 50, 1000),
  count: fc.constantFrom('all', 'all', 'all', 'page'),
  requestid: fc.constantFrom('opaque', 'cid'),
  maxCids: fc.constantFrom(1, 10),
  cidFilter: fc.constantFrom('combined', 'alone'),
  nameless: fc.constantFrom('cid', 'absent'),
})

/** Where services depart from the API, and can be listed and proved all the same. */
const odd: readonly Partial<Manners>[] = [
  ...([400, 500, 'html', 'ignored'] as const).map((fractions) => ({ fractions })),
  ...(['first', 'last', 'one-word', 'default', 400] as const).map((severalStatuses) => ({ severalStatuses })),
  ...(['empty', 'html', 'object', 'half'] as const).map((firstList) => ({ firstList })),
  { count: 'any-status' },
  { aboveMaxLimit: 'ignored' },
]

/** Where they lie, so that nothing can be proved. */
const lies: readonly Partial<Manners>[] = [
  { pages: 'doubled' },
  ...[4_294_967_295, 2 ** 53 - 1, -1, 3].map((count) => ({ count })),
]

/** Up to three of some oddities at once; of one kind, the last. */
const upToThree = (some: readonly Partial<Manners>[]) =>
  fc
    .subarray([...some], { maxLength: 3 })
    .map((chosen): Partial<Manners> => Object.assign({}, ...chosen.map((one) => ({ ...one }))))

export const manners = fc.tuple(plain, upToThree(odd)).map(([one, more]) => ({ ...one, ...more }))

export const lyingManners = fc
  .tuple(manners, fc.constantFrom(...lies))
  .map(([one, lie]) => ({ ...one, ...lie }))
