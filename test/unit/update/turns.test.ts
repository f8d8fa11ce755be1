import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Turns } from '../../../src/update/sending/turns.ts'

const all = (turns: Turns) => Array.from({ length: turns.left }, () => turns.take())

test('those that come last come after all others, each part in its order', () => {
  const turns = new Turns(Uint32Array.of(5, 2, 9, 4), (index) => index === 5 || index === 9)
  expect(turns.left).toBe(4)
  expect(all(turns)).toEqual([2, 4, 5, 9])
  expect([turns.left, turns.take()]).toEqual([0, undefined])
})

test('those that get another turn come before the others', () => {
  const turns = new Turns(Uint32Array.of(1, 2, 3), () => false)
  turns.take()
  turns.again([8, 1])
  expect(all(turns)).toEqual([8, 1, 2, 3])
})

test('one from anywhere fits, and each gets one turn all the same', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50)), fc.nat(9), fc.nat(9), (due, taken, sampled) => {
      const turns = new Turns(Uint32Array.from(due), () => false)
      const isEven = (index: number) => index % 2 === 0
      const before = Array.from({ length: Math.min(taken, due.length) }, () => turns.take())
      const left = due.slice(before.length).filter(isEven).length
      const samples = Array.from({ length: sampled }, () => turns.takeFromAnywhere(isEven))
      const found = samples.filter((index) => index !== undefined)
      expect(found.every(isEven)).toBe(true)
      expect(found).toHaveLength(Math.min(sampled, left))
      expect([...before, ...found, ...all(turns)].toSorted()).toEqual(due.toSorted())
    }),
  )
})
