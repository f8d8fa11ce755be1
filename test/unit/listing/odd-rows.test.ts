import { expect, test } from 'vitest'
import { everything } from '../../../src/domain/windows.ts'
import { OddRows } from '../../../src/listing/odd-rows.ts'
import type { OddRow } from '../../../src/service/answers.ts'

const row = (requestid: string, cid = 'x'): OddRow => ({ requestid, cid, problem: 'no date' })
const rows = (count: number) => Array.from({ length: count }, (_, n) => row(`${n}`))

function seen(odd: readonly OddRow[], moreOdd = 0): OddRows {
  const all = new OddRows()
  all.see({ odd, moreOdd }, everything)
  return all
}

test('where there are none, there is nothing to tell', () => {
  const none = seen([])
  expect([none.size, none.windows(), none.told(), none.gap()]).toEqual([0, [], [], undefined])
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
  all.see({ odd: [row('b')], moreOdd: 0 }, everything)
  expect(all.size).toBe(Number.POSITIVE_INFINITY)
  expect(all.gap()).toContain('more than 1000 rows are')
})

test('the windows that hold some are told, each once', () => {
  const all = new OddRows()
  const [one, other] = [
    { after: null, before: 5 },
    { after: 5, before: null },
  ]
  for (const window of [one, other, { ...one }]) all.see({ odd: [row('a')], moreOdd: 0 }, window)
  all.see({ odd: [], moreOdd: 0 }, { after: 7, before: 9 })
  expect(all.windows()).toEqual([one, other])
})

test.each([
  [999, 999],
  [1000, 1],
  [1001, 1],
])('%i windows are told as %i: from a thousand on as all time', (count, told) => {
  const all = new OddRows()
  for (let n = 0; n < count; n++) all.see({ odd: [row('a')], moreOdd: 0 }, { after: n, before: n + 1 })
  expect(all.windows()).toHaveLength(told)
  if (told === 1) expect(all.windows()).toEqual([everything])
})
