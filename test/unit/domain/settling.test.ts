import { describe, expect, test } from 'vitest'
import type { Status } from '../../../src/domain/pin.ts'
import { Settling, tellsMore } from '../../../src/domain/settling.ts'

const [one, other] = [0, 1]

describe('of the requests of a CID, what became of the one that was sent is told by', () => {
  test.each<
    [string, [Status, number][], { created: number | null; failedBefore?: number }, Status | undefined]
  >([
    ['none, where none is shown', [], { created: 5000 }, undefined],
    ['it', [['queued', 5000]], { created: 5000 }, 'queued'],
    ['it, shown by whole seconds', [['queued', 5000]], { created: 5999 }, 'queued'],
    ['it, shown a second before', [['queued', 5000]], { created: 6000 }, 'queued'],
    ['none that is older', [['pinned', 5000]], { created: 6001 }, undefined],
    ['one that came after it', [['pinning', 9000]], { created: 5000 }, 'pinning'],
    [
      'the best of them: pinned',
      [
        ['failed', 5],
        ['pinned', 5],
        ['pinning', 5],
      ],
      { created: 5 },
      'pinned',
    ],
    [
      'the best of them: pinning',
      [
        ['queued', 5],
        ['pinning', 5],
        ['failed', 5],
      ],
      { created: 5 },
      'pinning',
    ],
    [
      'the best of them: queued',
      [
        ['failed', 5],
        ['queued', 5],
      ],
      { created: 5 },
      'queued',
    ],
    ['any, where no answer told of it', [['pinned', 1]], { created: null }, 'pinned'],
    ['none that failed before', [['failed', 7]], { created: null, failedBefore: 7 }, undefined],
    [
      'one that came after the one that failed',
      [
        ['failed', 7],
        ['failed', 8],
      ],
      { created: null, failedBefore: 7 },
      'failed',
    ],
    [
      'its own instant, whatever failed before',
      [['queued', 5000]],
      { created: 5000, failedBefore: 9000 },
      'queued',
    ],
  ])('%s', (_, shown, { created, failedBefore }, expected) => {
    const sent = { created, failedBefore }
    const told = shown.reduce<Status | undefined>(
      (best, [status, at]) => (tellsMore({ status, created: at }, best, sent) ? status : best),
      undefined,
    )
    expect(told).toBe(expected)
  })
})

describe('what is shown', () => {
  test.each<[string, number, [Status, number][], boolean]>([
    ['is settled once it is pinned', 600_000, [['pinned', 0]], true],
    [
      'is not while it is queued',
      600_000,
      [
        ['queued', 0],
        ['queued', 99_000],
      ],
      false,
    ],
    [
      'is not while it is being pinned',
      600_000,
      [
        ['queued', 0],
        ['pinning', 99_000],
      ],
      false,
    ],
    ['is not as soon as it failed', 600_000, [['failed', 99_000]], false],
    [
      'is not when it has failed for less than ten seconds',
      600_000,
      [
        ['failed', 0],
        ['failed', 9999],
      ],
      false,
    ],
    [
      'is settled when it has failed for ten seconds',
      600_000,
      [
        ['failed', 0],
        ['failed', 10_000],
      ],
      true,
    ],
    [
      'is settled by the look after, where that is the time there is',
      4000,
      [
        ['failed', 0],
        ['failed', 4000],
      ],
      true,
    ],
    ['is not by the first look, where there is no time at all', 0, [['failed', 0]], false],
    [
      'is not where it failed anew',
      600_000,
      [
        ['failed', 0],
        ['queued', 9000],
        ['failed', 10_000],
      ],
      false,
    ],
    [
      'is not less than ten seconds after that',
      600_000,
      [
        ['failed', 0],
        ['queued', 9000],
        ['failed', 10_000],
        ['failed', 19_999],
      ],
      false,
    ],
    [
      'is pinned though it was shown as failed',
      600_000,
      [
        ['failed', 0],
        ['pinned', 1000],
      ],
      true,
    ],
  ])('%s', (_, settleTimeout, looks, expected) => {
    const settling = new Settling(settleTimeout, 0)
    const settled = looks.map(([status, now], look) => settling.see(one, status, looks[look - 1]?.[0], now))
    expect(settled.at(-1)).toBe(expected)
    expect(settled.slice(0, -1)).not.toContain(true)
  })

  test('of one CID tells nothing of another', () => {
    const settling = new Settling(600_000, 0)
    settling.see(one, 'failed', undefined, 0)
    expect(settling.see(other, 'failed', undefined, 10_000)).toBe(false)
  })
})

test('it is waited from the start, and anew after each change', () => {
  const settling = new Settling(600_000, 1000)
  expect(settling.left(true, 1000)).toBe(600_000)
  expect(settling.left(true, 601_001)).toBe(-1)
  settling.see(one, 'queued', undefined, 5000)
  settling.see(one, 'queued', 'queued', 9000)
  expect(settling.left(true, 9000)).toBe(596_000)
  settling.see(one, 'pinning', 'queued', 10_000)
  expect(settling.left(true, 10_000)).toBe(600_000)
})

test('it is waited half a minute at most for what a listing need not show', () => {
  expect(new Settling(600_000, 1000).left(false, 1000)).toBe(30_000)
  expect(new Settling(20_000, 1000).left(false, 1000)).toBe(20_000)
})
