import fc from 'fast-check'
import { type OddForm, oddForms } from '../../sandbox/pinning-service/odd-forms.ts'
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
  { emptyList: 404 },
]

/** Where they lie, so that nothing can be proved. No count that is right by chance: none can tell that from the truth. */
const lies: readonly Partial<Manners>[] = [
  { pages: 'doubled' },
  ...[4_294_967_295, 2 ** 53 - 1, -1].map((count) => ({ count })),
]

/** A service, and what of its bucket it shows in the place of requests. */
export interface Service {
  readonly manners: Partial<Manners>
  /** Nothing that it shows can be proved. */
  readonly lies: boolean
  /** How one row in nine is shown; `undefined` where all are requests. */
  readonly oddRows: OddForm | undefined
}

/** Some oddities at once; of one kind, the last. */
const some = (most: number) =>
  fc
    .subarray([...odd], { maxLength: most })
    .map((chosen): Partial<Manners> => Object.assign({}, ...chosen.map((one) => ({ ...one }))))

/** Of three ways in which a service departs from the API, one may be that it cannot be believed. */
export const services: fc.Arbitrary<Service> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(plain, some(3))
      .map(([one, more]) => ({ manners: { ...one, ...more }, lies: false, oddRows: undefined })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(plain, some(2), fc.constantFrom(...lies))
      .map(([one, more, lie]) => ({ manners: { ...one, ...more, ...lie }, lies: true, oddRows: undefined })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(plain, some(2), fc.constantFrom(...oddForms))
      .map(([one, more, oddRows]) => ({ manners: { ...one, ...more }, lies: false, oddRows })),
  },
)
