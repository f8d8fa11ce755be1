import { expect, test } from 'vitest'
import { everything } from '../../../src/domain/windows.ts'
import { UnsureWindows } from '../../../src/listing/unsure-windows.ts'

test('each window is told once, and is to be kept once', () => {
  const all = new UnsureWindows()
  expect([all.all(), all.unkept()]).toEqual([[], []])
  const [one, other] = [
    { after: null, before: 5 },
    { after: 5, before: null },
  ]
  all.add(one)
  all.add({ ...one })
  expect([all.all(), all.unkept()]).toEqual([[one], [one]])
  all.areKept()
  all.add(other)
  all.add(one)
  expect([all.all(), all.unkept()]).toEqual([[one, other], [other]])
  all.areKept()
  expect([all.all(), all.unkept()]).toEqual([[one, other], []])
})

test.each([
  [999, 999],
  [1000, 1],
  [1001, 1],
])('%i windows are told as %i: from a thousand on as all time', (count, told) => {
  const all = new UnsureWindows()
  for (let n = 0; n < count; n++) all.add({ after: n, before: n + 1 })
  expect([all.all().length, all.unkept().length]).toEqual([told, told])
  if (told === 1) expect([all.all(), all.unkept()]).toEqual([[everything], [everything]])
  all.areKept()
  expect(all.unkept()).toEqual([])
})
