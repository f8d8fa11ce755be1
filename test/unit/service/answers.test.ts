import { describe, expect, test } from 'vitest'
import { readPage } from '../../../src/service/answers.ts'
import { Cids } from '../../sandbox/identity.ts'
import { countTurns } from './turns.ts'

const never = new AbortController().signal
const cids = new Cids(1)
const row = (requestid: string) => ({
  requestid,
  status: 'pinned',
  created: '2026-01-01T00:00:00Z',
  pin: { cid: cids.next() },
  delegates: [],
})

describe('a page of rows that are none', () => {
  test.each([
    ['null', null],
    ['empty', {}],
    ['of another kind', { requestid: 'r', pin: {}, status: 'done' }],
  ])('tells of 1000 and counts the others, and keeps the good ones between them (%s)', async (_, odd) => {
    const results = [...Array(3000).fill(odd), row('a'), ...Array(2000).fill(odd), row('b')]
    const page = await readPage({ count: results.length, results }, never)
    expect(page.requests.map(({ requestid }) => requestid)).toEqual(['a', 'b'])
    expect(page).toMatchObject({ moreOdd: 4000, shown: 5002, count: 5002, isDoubled: false })
    expect(page.odd).toHaveLength(1000)
  })
})

describe('a page of many rows', () => {
  const turns = countTurns()

  test('lets others run while it is read', async () => {
    const results = Array.from({ length: 20_000 }, (_, n) => row(`${n}`))
    expect((await readPage({ count: 20_000, results }, never)).requests).toHaveLength(20_000)
    expect(turns.sofar).toBeGreaterThanOrEqual(9)
  })

  test('is not read to its end where that is not wanted any more', async () => {
    const results = Array.from({ length: 20_000 }, () => null)
    const stop = new AbortController()
    setImmediate(() => stop.abort(new Error('stopped')))
    await expect(readPage({ count: 0, results }, stop.signal)).rejects.toThrow('stopped')
  })
})

test.each([
  ['too deep to be written again', { a: JSON.parse(`${'['.repeat(60_000)}${']'.repeat(60_000)}`) }],
  ['of too many values', Object.fromEntries(Array.from({ length: 10_001 }, (_, n) => [n, 'x']))],
  ['of too many values in another', { a: Array(10_001).fill(1) }],
  ['a text', 'x'],
])('metadata %s cannot be kept', async (_, meta) => {
  const one = { ...row('a'), pin: { cid: cids.next(), meta } }
  const { requests } = await readPage({ count: 1, results: [one] }, never)
  expect(requests).toMatchObject([{ requestid: 'a', meta: 'unreadable' }])
})
