import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inStep } from '../../../src/service/in-step.ts'

test('there are as many at once as there are to be by then, and each is worked on once', async () => {
  const items = Array.from({ length: 50 }, (_, n) => n)
  const done: number[] = []
  let atOnce = 0
  let width = 3
  const most: Record<number, number> = {}
  await inStep(
    items,
    () => width,
    async (item) => {
      most[width] = Math.max(most[width] ?? 0, ++atOnce)
      await turn()
      atOnce--
      done.push(item)
      if (done.length === 20) width = 8
    },
  )
  expect(done.toSorted((a, b) => a - b)).toEqual(items)
  expect(most).toEqual({ 3: 3, 8: 8 })
})

test('the first that fails ends it', async () => {
  const begun: number[] = []
  const work = inStep(
    [1, 2, 3, 4],
    () => 2,
    async (item) => {
      begun.push(item)
      await turn()
      if (item === 2) throw new Error('two')
    },
  )
  await expect(work).rejects.toThrow('two')
  expect(begun).not.toContain(4)
})
