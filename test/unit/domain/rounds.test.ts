import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { patience, Rounds } from '../../../src/domain/rounds.ts'

const because = (reason: string) => ({ reason, class: 'stalled' }) as const

describe('patience', () => {
  test.each([
    { round: 1, attempts: 3, stallTimeout: 120_000, expected: 15_000 },
    { round: 2, attempts: 3, stallTimeout: 120_000, expected: 15_000 },
    { round: 3, attempts: 3, stallTimeout: 120_000, expected: 120_000 },
    { round: 1, attempts: 3, stallTimeout: 5_000, expected: 5_000 },
    { round: 1, attempts: 1, stallTimeout: 120_000, expected: 120_000 },
  ])('is $expected ms in round $round of $attempts under $stallTimeout ms', ({ expected, ...given }) => {
    expect(patience(given.round, given)).toBe(expected)
  })
})

describe('Rounds', () => {
  test('lets what failed wait until all of its round had a turn', () => {
    const rounds = new Rounds(['dead', 'a', 'b'])
    const order: string[] = []
    for (let turn = rounds.take(); turn !== undefined; turn = rounds.take()) {
      order.push(`${turn.item} ${turn.round}`)
      if (turn.item === 'dead' && turn.round < 3) rounds.again(turn, because('failed'))
      expect(rounds.areTurnsLeft).toBe(order.length < 5)
    }
    expect(order).toEqual(['dead 1', 'a 1', 'b 1', 'dead 2', 'dead 3'])
  })

  test('takes a late failure of a round before any turn of the round after', () => {
    const rounds = new Rounds(['slow', 'quick'])
    const slow = rounds.take()
    const quick = rounds.take()
    if (slow === undefined || quick === undefined) throw new Error('two turns expected')
    rounds.again(quick, because('failed'))
    const second = rounds.take()
    if (second === undefined) throw new Error('a second turn expected')
    rounds.again(second, because('failed again'))
    rounds.again(slow, because('failed late'))
    expect(rounds.take()).toMatchObject({ item: 'slow', round: 2 })
    expect(rounds.take()).toMatchObject({ item: 'quick', round: 3 })
    expect(rounds.take()).toBeUndefined()
  })

  test('keeps why the last try failed, and how many there were', () => {
    const rounds = new Rounds(['dead'])
    for (const reason of ['no block', 'cut off']) {
      const turn = rounds.take()
      if (turn === undefined) throw new Error('a turn expected')
      rounds.again(turn, because(reason))
    }
    expect(rounds.waiting()).toEqual([{ item: 'dead', tries: 2, ...because('cut off') }])
  })

  test('loses and doubles nothing, whatever fails and wherever it stops', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.boolean(), { maxLength: 3 })), fc.nat(200), (fates, stopAfter) => {
        const rounds = new Rounds(fates.map((fails, id) => ({ id, fails })))
        const done: number[] = []
        const taken = new Set<number>()
        for (let n = 0; n < stopAfter; n++) {
          const turn = rounds.take()
          if (turn === undefined) break
          taken.add(turn.item.id)
          if (turn.item.fails[turn.round - 1] === true) rounds.again(turn, because('failed'))
          else done.push(turn.item.id)
        }
        const left = rounds.waiting().map(({ item }) => item.id)
        const untried = fates.keys().filter((id) => !taken.has(id))
        expect([...done, ...left, ...untried].sort((a, b) => a - b)).toEqual(fates.map((_, id) => id))
      }),
    )
  })
})

describe('a turn that is started anew', () => {
  test('comes at the end of its own round, and is no try', () => {
    const rounds = new Rounds(['first', 'second'])
    const first = rounds.take()
    if (first === undefined) throw new Error('there is a turn')
    rounds.anew(first)
    expect(rounds.waiting()).toEqual([])
    expect(rounds.take()).toMatchObject({ item: 'second', round: 1 })
    const again = rounds.take()
    expect(again).toMatchObject({ item: 'first', round: 1, restarts: 1 })
    if (again !== undefined) rounds.again(again, because('failed'))
    expect(rounds.waiting()).toEqual([{ item: 'first', tries: 1, ...because('failed') }])
    expect(rounds.take()).toMatchObject({ item: 'first', round: 2, restarts: 0 })
  })

  test('has failed before, or not, as it was', () => {
    const rounds = new Rounds(['new', 'failed'])
    for (const turn of [rounds.take(), rounds.take()]) {
      if (turn?.item === 'new') rounds.anew(turn)
      else if (turn !== undefined) rounds.again(turn, because('dead'))
    }
    expect(rounds.take()).toMatchObject({ item: 'new' })
    const failed = rounds.take()
    if (failed !== undefined) rounds.anew(failed)
    expect(rounds.waiting()).toEqual([{ item: 'failed', tries: 1, ...because('dead') }])
  })
})
