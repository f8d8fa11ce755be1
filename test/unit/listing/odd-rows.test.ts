import { expect, test } from 'vitest'
import { isOddIn, OddRows } from '../../../src/listing/odd-rows.ts'
import type { OddRow } from '../../../src/service/answers.ts'

const row = (requestid: string, cid = 'x'): OddRow => ({ requestid, cid, problem: 'no date' })
const rows = (count: number) => Array.from({ length: count }, (_, n) => row(`${n}`))

function seen(odd: readonly OddRow[], moreOdd = 0): OddRows {
  const all = new OddRows()
  all.see({ odd, moreOdd })
  return all
}

test('where there are none, there is nothing to tell', () => {
  const none = seen([])
  expect([none.size, none.told(), none.gap()]).toEqual([0, [], undefined])
})

test.each<[string, readonly OddRow[], number, number, string]>([
  ['one', [row('a')], 1, 1, '1 row is no request that can be read, such as request a: no date'],
  ['one without a requestid', [row('')], 1, 1, '1 row is no request that can be read, such as one: no date'],
  ['two', [row('a'), row('b')], 2, 2, '2 rows are no request that can be read, such as request a: no date'],
  ['one that came twice', [row('a'), row('a')], 1, 1, '1 row is'],
  ['two that look like one once a secret is out of it', [row('a'), row('a', 'y')], 2, 2, '2 rows are'],
  ['two without requestids', [row(''), row('', 'y')], 2, 2, '2 rows are'],
  ['one without, that came twice', [row(''), row('')], 1, 1, '1 row is'],
  ['as many as are kept', rows(1000), 1000, 1000, '1000 rows are'],
  ['as many, one of them twice', [...rows(1000), row('7')], 1000, 1000, '1000 rows are'],
  ['more than are kept', rows(1001), Number.POSITIVE_INFINITY, 1000, 'more than 1000 rows are'],
  [
    'more, of which the last is known',
    [...rows(1001), row('7')],
    Number.POSITIVE_INFINITY,
    1000,
    'more than',
  ],
])('%s', (_, odd, size, told, gap) => {
  const all = seen(odd)
  expect(all.size).toBe(size)
  expect(all.told()).toHaveLength(told)
  expect(all.gap()).toContain(gap)
})

test('where an answer has more than it tells of, there is no end to them', () => {
  const all = seen([row('a')], 1)
  all.see({ odd: [row('b')], moreOdd: 0 })
  expect(all.size).toBe(Number.POSITIVE_INFINITY)
  expect(all.gap()).toContain('more than 1000 rows are')
})

test.each<[string, readonly OddRow[], number, boolean]>([
  ['among others', [row('b'), row('a')], 0, true],
  ['not there', [row('b')], 0, false],
  ['with another CID', [row('a', 'y')], 0, false],
  ['perhaps among those that are not told', [row('b')], 1, true],
])('whether a page shows an odd row as well: %s', (_, odd, moreOdd, isThere) => {
  expect(isOddIn({ odd, moreOdd }, row('a'))).toBe(isThere)
})
