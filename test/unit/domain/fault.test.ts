import { describe, expect, test } from 'vitest'
import { blame, heldUp, tooManyInARow } from '../../../src/domain/fault.ts'

describe('what stayed under suspicion', () => {
  test.each([
    // No content makes a node silent.
    ['silent', { pinned: 0, alike: 1 }, 'node'],
    ['silent', { pinned: 1000, alike: 1 }, 'node'],
    // Nobody did well.
    ['refused', { pinned: 0, alike: 1 }, 'node'],
    ['broken', { pinned: 0, alike: 1 }, 'node'],
    ['broken', { pinned: 0, alike: 50 }, 'node'],
    // The last ones of a run that did well: one or two of their own, more by the node.
    ['refused', { pinned: 1, alike: 1 }, 'cid'],
    ['refused', { pinned: 400, alike: 2 }, 'cid'],
    ['refused', { pinned: 400, alike: 3 }, 'node'],
    // A broken answer among answers.
    ['broken', { pinned: 1, alike: 1 }, 'cid'],
    ['broken', { pinned: 19, alike: 2 }, 'node'],
    ['broken', { pinned: 20, alike: 2 }, 'cid'],
    ['broken', { pinned: 100, alike: 50 }, 'node'],
  ] as const)('%s, %o: the %s', (suspicion, others, fault) => {
    expect(blame(suspicion, { ...others, isStoring: false })).toBe(fault)
  })

  test.each([
    ['refused', { pinned: 0, alike: 1 }, 'cid'],
    ['refused', { pinned: 0, alike: 2 }, 'node'],
    ['broken', { pinned: 0, alike: 1 }, 'node'],
    ['silent', { pinned: 0, alike: 1 }, 'node'],
  ] as const)('%s by a node that stores, %o: the %s', (suspicion, others, fault) => {
    expect(blame(suspicion, { ...others, isStoring: true })).toBe(fault)
  })

  test.each([
    [1, 8],
    [4, 8],
    [32, 64],
  ])('at concurrency %i no more than %i in a row are an accident', (concurrency, most) => {
    expect(tooManyInARow(concurrency)).toBe(most)
  })
})

describe('a pin that does not begin though its first block is there', () => {
  const pin = { started: 100, seen: 115 }
  test.each([
    // It may have been looked at late, for the first time.
    ['waits while its time is not over', { lastMove: 0, newestMoved: 0, now: 234 }, 'wait'],
    ['is held up by the node where nothing moved since', { lastMove: 0, newestMoved: 0, now: 235 }, 'node'],
    ['waits while an older one moves', { lastMove: 200, newestMoved: 50, now: 319 }, 'wait'],
    ['is held up once that has stopped too', { lastMove: 200, newestMoved: 50, now: 320 }, 'node'],
    // A lock may have come between the two.
    [
      'waits where one moved that came before it was seen',
      { lastMove: 200, newestMoved: 115, now: 300 },
      'wait',
    ],
    [
      'is at fault itself where one came later and moves',
      { lastMove: 200, newestMoved: 116, now: 201 },
      'cid',
    ],
  ] as const)('%s', (_, node, verdict) => {
    expect(heldUp(pin, node, 120)).toBe(verdict)
  })
})
