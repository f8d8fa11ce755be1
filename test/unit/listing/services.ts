import fc from 'fast-check'
import type { Manners } from '../../sandbox/pinning-service.ts'

/** In what services differ that matters to a listing. */
export const manners: fc.Arbitrary<Partial<Manners>> = fc.record({
  order: fc.constantFrom('newest-first', 'oldest-first', 'unordered'),
  before: fc.constantFrom('strict', 'inclusive'),
  after: fc.constantFrom('strict', 'inclusive'),
  fractions: fc.constantFrom('honoured', 'truncated'),
  created: fc.constantFrom('new-york-seconds', 'utc-seconds', 'utc-milliseconds', 'hidden-milliseconds'),
  maxLimit: fc.constantFrom(20, 50, 1000),
  count: fc.constantFrom('all', 'all', 'all', 'page'),
  requestid: fc.constantFrom('opaque', 'cid'),
  cidFilter: fc.constantFrom('combined', 'alone'),
  nameless: fc.constantFrom('cid', 'absent'),
})
