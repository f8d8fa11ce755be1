import { describe, expect, test } from 'vitest'
import type { MissingPin } from '../../src/backup/missing-pins.ts'
import { parseCid } from '../../src/domain/cid.ts'
import { Intake } from '../../src/intake.ts'
import { Cids } from '../sandbox/identity.ts'

const cids = new Cids(31)
const never = new AbortController().signal

function pin(size: number | null): MissingPin {
  const cid = parseCid(cids.next())
  if (cid === undefined) throw new Error('the CID parses')
  return { index: 0, cid, name: null, bucket: 'main', delegates: [], size }
}

async function begun(intake: Intake, one: MissingPin) {
  const coming = await intake.admit(one, never)
  if (coming === undefined) throw new Error('it may begin')
  return coming
}

/** Whether it was let in, or held back, by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let is = false
  void promise.then(() => {
    is = true
  })
  await new Promise(setImmediate)
  return is
}

describe('what is fetched', () => {
  test('counts what the numbers of a pin grow by, once', async () => {
    const intake = new Intake(null)
    const one = pin(100)
    const first = await begun(intake, one)
    for (const bytes of [10, 40, 40, 30, Number.NaN, -5, 1e300]) first.progress(bytes)
    expect(intake.fetched).toBe(40)
    first[Symbol.dispose]()
    // A second try is told what the first one brought, too.
    const second = await begun(intake, one)
    second.progress(40)
    expect(intake.fetched).toBe(40)
    second.progress(100)
    second.pinned()
    expect(intake.fetched).toBe(100)
  })

  test('is taken from the service where the node does not tell', async () => {
    const intake = new Intake(null)
    const coming = await begun(intake, pin(70))
    coming.pinned()
    expect(intake.fetched).toBe(70)
    const unknown = await begun(intake, pin(null))
    unknown.pinned()
    expect(intake.fetched).toBe(70)
  })
})

test('what a gateway gives counts whole, also where blocks of it were there', async () => {
  const intake = new Intake(null)
  const one = pin(100)
  const fromPeers = await begun(intake, one)
  fromPeers.progress(40)
  fromPeers[Symbol.dispose]()
  const fromGateway = await begun(intake, one)
  for (const bytes of [60, 70]) fromGateway.more(bytes)
  expect(intake.fetched).toBe(170)
  fromGateway[Symbol.dispose]()
  // All that the node then tells of it came before.
  const pinned = await begun(intake, one)
  pinned.progress(100)
  pinned.pinned()
  expect(intake.fetched).toBe(170)
})

describe('max-bytes', () => {
  test('waits for what is under way, and then lets no more begin', async () => {
    const intake = new Intake(100)
    const one = await begun(intake, pin(100))
    const next = intake.admit(pin(1), never)
    expect(await isSettled(next)).toBe(false)
    one.progress(100)
    one.pinned()
    one[Symbol.dispose]()
    expect(await next).toBeUndefined()
    expect(intake.isClosed).toBe(true)
    expect(intake.heldBackBy).toEqual(['max-bytes'])
  })

  test('is not used up by what nobody has', async () => {
    const intake = new Intake(100)
    const dead = await begun(intake, pin(1_000_000))
    const next = intake.admit(pin(1), never)
    expect(await isSettled(next)).toBe(false)
    dead.wait()
    expect(await next).toBeDefined()
    // Its first block came after all.
    dead.progress(1)
    const last = intake.admit(pin(1), never)
    expect(await isSettled(last)).toBe(false)
    dead[Symbol.dispose]()
    expect(await last).toBeDefined()
    expect(intake.heldBackBy).toEqual([])
  })

  test('ends with the run', async () => {
    const intake = new Intake(100)
    await begun(intake, pin(100))
    const ending = new AbortController()
    const next = intake.admit(pin(1), ending.signal)
    ending.abort(new Error('over'))
    await expect(next).rejects.toThrow('over')
  })
})

describe('room', () => {
  test('is what the node told, less what came since', async () => {
    const intake = new Intake(null)
    expect(intake.room).toBeNull()
    intake.see(100)
    const one = await begun(intake, pin(60))
    one.progress(60)
    one[Symbol.dispose]()
    expect(intake.room).toBe(40)
    intake.see(70)
    expect(intake.room).toBe(70)
  })

  test('holds back what is too large for it, and lets smaller ones in', async () => {
    const intake = new Intake(null)
    intake.see(100)
    expect(await intake.admit(pin(101), never)).toBeUndefined()
    expect(await intake.admit(pin(100), never)).toBeDefined()
    expect(intake).toMatchObject({
      isClosed: false,
      heldBackBy: ['keep-free'],
      tooLarge: { cids: 1, bytes: 101 },
    })
  })

  test('that one finds too little of is told beside what closed the run', async () => {
    const intake = new Intake(10)
    intake.see(100)
    expect(await intake.admit(pin(101), never)).toBeUndefined()
    const one = await begun(intake, pin(10))
    one.pinned()
    one[Symbol.dispose]()
    expect(await intake.admit(pin(1), never)).toBeUndefined()
    expect(intake).toMatchObject({ isClosed: true, heldBackBy: ['max-bytes', 'keep-free'] })
  })

  test('lets nothing in once it is used up', async () => {
    const intake = new Intake(null)
    intake.see(10)
    const one = await begun(intake, pin(null))
    one.progress(11)
    expect(await intake.admit(pin(null), never)).toBeUndefined()
    expect(intake).toMatchObject({ isClosed: true, heldBackBy: ['keep-free'] })
  })
})
