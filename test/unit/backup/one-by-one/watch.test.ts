import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Movement } from '../../../../src/backup/one-by-one/movement.ts'
import { Slots } from '../../../../src/backup/one-by-one/slots.ts'
import { Watch } from '../../../../src/backup/one-by-one/watch.ts'
import { parseCid } from '../../../../src/domain/cid.ts'
import type { PinningOneByOne } from '../../../../src/node/node.ts'
import { Cids } from '../../../sandbox/identity.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const cid = parseCid(new Cids(5).next())
const nothing = { blocks: 0, bytes: 0 }
const block = { blocks: 1, bytes: 1_000 }

/** Pins that are being added, and one behind them that takes the first place that it can have. */
function pinsWith(concurrency: number) {
  const slots = new Slots(concurrency)
  const movement = new Movement()
  const start = async () => {
    const slot = slots.next()
    await slot.enter()
    const times = { patience: 15_000, stallTimeout: 120_000 }
    if (cid === undefined) throw new Error('the CID parses')
    // Asked for nothing before the patience is over.
    const watch = new Watch(
      cid,
      new AbortController(),
      slot,
      { node: {} as PinningOneByOne, movement },
      times,
    )
    return { watch, slot }
  }
  let isIn = false
  const queueNext = () =>
    void slots
      .next()
      .enter()
      .then(() => {
        isIn = true
      })
  const isNextIn = async () => {
    await new Promise(setImmediate)
    return isIn
  }
  return { start, queueNext, isNextIn }
}

/** Two places: others got their first block in 400 ms each, the last one now; one is new, and one moves on. */
async function amongOthers() {
  const pins = pinsWith(2)
  for (let other = 0; other < 15; other++) {
    const { watch, slot } = await pins.start()
    vi.advanceTimersByTime(400)
    watch.done()
    slot[Symbol.dispose]()
  }
  const moving = await pins.start()
  moving.watch.onProgress(block)
  const fresh = await pins.start()
  pins.queueNext()
  let blocks = 1
  /** A line a half second for each. */
  const lines = (count: number) => {
    for (let line = 0; line < count; line++) {
      vi.advanceTimersByTime(500)
      moving.watch.onProgress({ blocks: ++blocks, bytes: blocks })
      fresh.watch.onProgress(nothing)
    }
  }
  return { ...pins, lines, fresh, moving }
}

test('where none has had a block yet, the first line shows that it waits', async () => {
  const pins = pinsWith(1)
  const { watch } = await pins.start()
  pins.queueNext()
  expect(await pins.isNextIn()).toBe(false)
  vi.advanceTimersByTime(500)
  watch.onProgress(nothing)
  expect(await pins.isNextIn()).toBe(true)
})

test('a first line before the first block shows nothing where others get theirs as slowly', async () => {
  const { lines, isNextIn } = await amongOthers()
  lines(2)
  expect(await isNextIn()).toBe(false)
})

test('it shows that it waits once it takes thrice as long as others', async () => {
  const { lines, isNextIn } = await amongOthers()
  lines(3)
  expect(await isNextIn()).toBe(true)
})

test('it shows that it waits once nothing moves any more', async () => {
  const { lines, fresh, isNextIn } = await amongOthers()
  lines(1)
  vi.advanceTimersByTime(499)
  fresh.watch.onProgress(nothing)
  expect(await isNextIn()).toBe(false)
  vi.advanceTimersByTime(501)
  fresh.watch.onProgress(nothing)
  expect(await isNextIn()).toBe(true)
})

test('one that waited and then has its block counts again among those that move', async () => {
  const pins = pinsWith(1)
  const { watch } = await pins.start()
  vi.advanceTimersByTime(500)
  watch.onProgress(nothing)
  const others = [await pins.start(), await pins.start()]
  watch.onProgress(block)
  pins.queueNext()
  for (const { slot } of others) slot[Symbol.dispose]()
  expect(await pins.isNextIn()).toBe(false)
})

test('one whose blocks came and stay away still holds its place', async () => {
  const { lines, fresh, moving, isNextIn } = await amongOthers()
  lines(1)
  fresh.watch.onProgress(block)
  for (let line = 0; line < 20; line++) {
    vi.advanceTimersByTime(500)
    fresh.watch.onProgress(block)
  }
  expect(await isNextIn()).toBe(false)
  moving.slot[Symbol.dispose]()
  expect(await isNextIn()).toBe(true)
})
