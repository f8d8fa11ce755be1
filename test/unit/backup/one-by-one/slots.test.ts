import { describe, expect, test } from 'vitest'
import { type Slot, Slots } from '../../../../src/backup/one-by-one/slots.ts'
import { rampAllowed, waitingAllowed } from '../../../../src/domain/waiting.ts'

/** Pins that are ready for a place, in the order of their turns. */
class Pins {
  readonly slots: Slot[] = []
  /** By their turns, as they got their places. */
  readonly entered: number[] = []

  constructor(concurrency: number, count: number) {
    const slots = new Slots(concurrency)
    for (let turn = 0; turn < count; turn++) this.slots.push(slots.next())
    for (let turn = 0; turn < count; turn++) this.ready(turn)
  }

  ready(turn: number): void {
    void this.slots[turn]?.enter().then(() => this.entered.push(turn))
  }

  async each(turns: readonly number[], become: (slot: Slot) => void): Promise<void> {
    for (const turn of turns) become(this.slots[turn] as Slot)
    await settled()
  }
}

/** All that has its place by now has heard of it. */
const settled = () => new Promise(setImmediate)
const upTo = (end: number, start = 0) => Array.from({ length: end - start }, (_, index) => start + index)
const wait = (slot: Slot) => slot.wait()
const move = (slot: Slot) => slot.move()
const leave = (slot: Slot) => slot[Symbol.dispose]()

describe('places', () => {
  test('are for so many, whether they are new or move; who leaves makes way', async () => {
    const pins = new Pins(3, 9)
    await settled()
    expect(pins.entered).toEqual([0, 1, 2])
    await pins.each([0, 2], move)
    expect(pins.entered).toEqual([0, 1, 2])
    await pins.each([1, 2], leave)
    expect(pins.entered).toEqual([0, 1, 2, 3, 4])
  })

  test('are given in the order of turns, but nobody waits for who is not ready', async () => {
    const slots = new Slots(1)
    const entered: string[] = []
    const enter = (name: string, slot: Slot) => void slot.enter().then(() => entered.push(name))
    const [first, second, third, fourth] = [slots.next(), slots.next(), slots.next(), slots.next()]
    enter('second', second)
    enter('fourth', fourth)
    enter('third', third)
    await settled()
    expect(entered).toEqual(['second'])
    enter('first', first)
    leave(second)
    await settled()
    expect(entered).toEqual(['second', 'first'])
    leave(first)
    await settled()
    expect(entered).toEqual(['second', 'first', 'third'])
  })

  test('are not taken by who leaves before it is ready, nor held by who left', async () => {
    const slots = new Slots(1)
    leave(slots.next())
    const gone = slots.next()
    await gone.enter()
    leave(gone)
    gone.move()
    gone.wait()
    leave(gone)
    await slots.next().enter()
    const none = slots.next()
    let isIn = false
    void none.enter().then(() => {
      isIn = true
    })
    await settled()
    expect(isIn).toBe(false)
  })
})

describe('who waits', () => {
  test('lets in two for one while nothing moves, up to a limit of those that are new', async () => {
    const pins = new Pins(2, 60)
    let seen = 0
    const inFlight: number[] = []
    for (let round = 0; round < 5; round++) {
      await settled()
      inFlight.push(pins.entered.length)
      const fresh = pins.entered.slice(seen)
      seen = pins.entered.length
      await pins.each(fresh, wait)
    }
    const most = 2 + rampAllowed(2)
    expect(inFlight).toEqual([2, 2 + 4, 6 + most, 14 + most, 22 + most])
    expect(pins.entered).toEqual(upTo(pins.entered.length))
  })

  test('counts once, however often it says so', async () => {
    const pins = new Pins(2, 20)
    await settled()
    await pins.each([0, 0, 0, 0], wait)
    expect(pins.entered).toEqual(upTo(4))
  })

  test('lets in one for one once anything moves', async () => {
    const pins = new Pins(2, 60)
    await settled()
    await pins.each(upTo(2), wait)
    await pins.each([2], move)
    expect(pins.entered).toEqual(upTo(6))
    await pins.each([3, 4], leave)
    // One moves and one is new.
    expect(pins.entered).toEqual(upTo(6))
    await pins.each([2], leave)
    expect(pins.entered).toEqual(upTo(7))
  })

  test('and moves after all keeps others from beginning, and is let go on', async () => {
    const pins = new Pins(2, 60)
    await settled()
    await pins.each(upTo(2), wait)
    expect(pins.entered).toEqual(upTo(6))
    await pins.each(upTo(6), move)
    expect(pins.entered).toEqual(upTo(6))
    await pins.each(upTo(4), leave)
    expect(pins.entered).toEqual(upTo(6))
    await pins.each([4], leave)
    expect(pins.entered).toEqual(upTo(7))
  })

  test('is in flight in no more than so many, besides those that move', async () => {
    const most = waitingAllowed(1)
    const pins = new Pins(1, most + 20)
    for (let turn = 0; turn < pins.entered.length || turn === 0; turn++) {
      await settled()
      await pins.each([turn], wait)
    }
    expect(pins.entered).toEqual(upTo(most + 1))
    await pins.each([7], leave)
    expect(pins.entered).toEqual(upTo(most + 2))
  })
})
