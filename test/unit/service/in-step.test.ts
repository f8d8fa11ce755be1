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

test('when it throws, nothing of it is under way any more', async () => {
  let ended = 0
  const work = inStep(
    [1, 2, 3],
    () => 3,
    async (item) => {
      if (item === 1) throw new Error('one')
      for (let n = 0; n < 3; n++) await turn()
      ended++
    },
  )
  await expect(work).rejects.toThrow('one')
  expect(ended).toBe(2)
})

test('one that fails in the same turn as another ends well is not taken for done', async () => {
  const held = new Map<number, () => void>()
  const work = async (item: number) => {
    if (item < 2) await new Promise<void>((resolve) => held.set(item, resolve))
    if (item === 1) throw new Error('one')
  }
  const all = inStep([0, 1, 2, 3], () => 2, work)
  for (const item of [0, 1]) held.get(item)?.()
  await expect(all).rejects.toThrow('one')
})

test('those that fail after the first are heard of no more, and leave no rejection behind', async () => {
  const unheard: unknown[] = []
  const hear = (reason: unknown) => unheard.push(reason)
  process.on('unhandledRejection', hear)
  const work = inStep(
    [1, 2, 3],
    () => 3,
    async (item) => {
      for (let n = 0; n < item; n++) await turn()
      throw new Error(`${item}`)
    },
  )
  try {
    await expect(work).rejects.toThrow('1')
    for (let n = 0; n < 5; n++) await turn()
  } finally {
    process.off('unhandledRejection', hear)
  }
  expect(unheard).toEqual([])
})
