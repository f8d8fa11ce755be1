import { describe, expect, test } from 'vitest'
import { anyLength, type KeptManners, Manners } from '../../../src/domain/manners.ts'
import { milliseconds } from '../../../src/domain/windows.ts'

const unknown: KeptManners = {
  grid: undefined,
  honestUpTo: undefined,
  pageSize: 0,
  asksSingly: undefined,
  countsAnyStatus: false,
}
const kept: KeptManners = {
  grid: milliseconds,
  honestUpTo: 20,
  pageSize: 1000,
  asksSingly: true,
  countsAnyStatus: true,
}

describe('whether `count` is honest', () => {
  test.each<[string, number[], number, boolean]>([
    ['up to the length of a page', [20], 20, true],
    ['up to the longest of several', [20, 50, 30], 50, true],
    ['beyond doubt once a page held less than its count', [anyLength], anyLength, true],
    ['beyond doubt whatever comes after it', [anyLength, 0], anyLength, true],
    ['beyond doubt though it was thought not to be', [0, anyLength], anyLength, true],
    ['not, once it was found not to be', [20, 0], 0, false],
    ['not, though it was for another page', [0, 20], 0, false],
  ])('%s', (_what, found, upTo, isHonest) => {
    const manners = new Manners()
    expect(manners.honestCount).toBe(undefined)
    for (const one of found) manners.foundHonest(one)
    expect(manners.honestUpTo).toBe(upTo)
    expect(manners.honestCount).toBe(isHonest)
  })

  test('is settled for the listing by a count of more than there is, and for the next one anew', () => {
    const manners = new Manners()
    manners.foundHonest(anyLength)
    manners.foundLying()
    manners.foundHonest(anyLength)
    expect(manners).toMatchObject({ isLying: true, honestUpTo: 0 })
    manners.begin(manners, true)
    manners.foundHonest(anyLength)
    expect(manners).toMatchObject({ isLying: false, honestUpTo: anyLength })
  })

  test('is not known any more once the filter turns out to be misread', () => {
    const manners = new Manners()
    manners.foundLying()
    manners.cutAt = 7
    manners.forgetCounts()
    expect(manners).toMatchObject({ isLying: false, honestUpTo: undefined, cutAt: Number.POSITIVE_INFINITY })
  })
})

describe('a listing that begins', () => {
  test('knows what is kept, and nothing of the last one’s answers', () => {
    const manners = new Manners()
    Object.assign(manners, { largestPage: 7, cutAt: 7, showsFractions: true, looksBeyond: 1, isLying: true })
    manners.probe = Promise.resolve(milliseconds)
    manners.begin(kept, false)
    expect(manners).toMatchObject(kept)
    expect(manners).toMatchObject({
      largestPage: 0,
      cutAt: Number.POSITIVE_INFINITY,
      showsFractions: false,
      looksBeyond: 0,
      isLying: false,
      probe: undefined,
    })
  })

  test('keeps what the run found out of statuses, where nothing is kept of it yet', () => {
    const manners = new Manners()
    manners.asksSingly = true
    manners.countsAnyStatus = true
    manners.begin(unknown, false)
    expect(manners).toMatchObject({ asksSingly: true, countsAnyStatus: true })
  })

  test.each<[string, KeptManners, boolean, boolean]>([
    ['a list was read to its end before', unknown, true, true],
    ['a run that was killed had answers', { ...unknown, pageSize: 1 }, false, true],
    ['nobody had any', unknown, false, false],
  ])('knows whether the endpoint is right: %s', (_what, before, hasListed, isRight) => {
    const manners = new Manners()
    manners.begin(before, hasListed)
    expect(manners.hasListed).toBe(isRight)
  })

  test('forgets all but the length of a page where all is to be found out again', () => {
    const manners = new Manners()
    manners.begin(kept, true)
    manners.forget()
    expect(manners).toMatchObject({ ...unknown, pageSize: 1000 })
  })
})
