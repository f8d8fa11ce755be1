import { expect, test } from 'vitest'
import type { Storage } from '../../src/domain/storage.ts'
import { Intake } from '../../src/intake.ts'
import { roomNow, watchRoom } from '../../src/room-watch.ts'

const never = new AbortController().signal

function nodeWith(storage: () => Promise<Storage | undefined>) {
  let asked = 0
  return {
    storage: () => {
      asked++
      return storage()
    },
    get asked() {
      return asked
    },
  }
}

test('what is to be kept is taken off, and a node that does not say has no room that is known', async () => {
  const said = nodeWith(async () => ({ used: 1, most: null, free: 100, untold: null }))
  const notKnown = { bytes: null, untold: null }
  expect(await roomNow(said, 30, never)).toEqual({ bytes: 70, untold: null })
  expect(await roomNow(said, 0, never)).toEqual(notKnown)
  expect(said.asked).toBe(1)
  const ofAnotherKind = nodeWith(async () => undefined)
  expect(await roomNow(ofAnotherKind, 30, never)).toEqual(notKnown)
  const refuses = nodeWith(async () => ({ used: 1, most: null, free: null, untold: 'diag/sys: status 403' }))
  expect(await roomNow(refuses, 30, never)).toEqual({ bytes: null, untold: 'diag/sys: status 403' })
  const bounded = nodeWith(async () => ({ used: 1, most: 51, free: null, untold: 'diag/sys: status 403' }))
  expect(await roomNow(bounded, 30, never)).toEqual({ bytes: 20, untold: null })
})

test('it is asked again while something comes, and no more once nothing does, or the run ends', async () => {
  let free = 100
  const node = nodeWith(async () => ({ used: 0, most: null, free, untold: null }))
  const intake = new Intake(null)
  const watching = watchRoom(node, intake, { keepFree: 10, signal: never }, 1)
  intake.fetched = 5
  await expect.poll(() => intake.room).toBe(90)
  expect(node.asked).toBe(1)
  free = 40
  intake.fetched = 6
  await expect.poll(() => intake.room).toBe(30)
  expect(node.asked).toBe(2)

  await watching[Symbol.asyncDispose]()
  intake.fetched = 50
  expect(node.asked).toBe(2)
})

test('what nobody expected of the node is thrown at its end', async () => {
  const intake = new Intake(null)
  const node = nodeWith(async () => {
    throw new Error('a defect')
  })
  const watching = watchRoom(node, intake, { keepFree: 10, signal: never }, 1)
  intake.fetched = 1
  await expect.poll(() => node.asked).toBe(1)
  await expect(watching[Symbol.asyncDispose]()).rejects.toThrow('a defect')
})
