import { expect, test } from 'vitest'
import { broken, dateOf, dayOf, dueBy, goesOnInParts } from '../../../src/domain/verifying.ts'

test('a day is one of UTC, and none is taken for never', () => {
  expect(dayOf(Date.UTC(2026, 10, 26, 23, 59))).toBe(20783)
  expect(dayOf(Date.UTC(2026, 10, 27))).toBe(20784)
  expect(dayOf(-5)).toBe(1)
  expect(dateOf(20783)).toBe('2026-11-26')
})

test('what was found whole a week ago is due', () => {
  expect(dueBy(20783)).toBe(20776)
})

test('what is broken keeps the day on which it was last whole', () => {
  expect(broken(0)).toBe(-1)
  expect(broken(20783)).toBe(-20784)
  expect(broken(-20784)).toBe(-20784)
})

test('of a DAG that was cut short, the first block was surely read where more than any block was', () => {
  expect(goesOnInParts(2 * 1024 * 1024)).toBe(false)
  expect(goesOnInParts(5 * 1024 * 1024)).toBe(true)
})
