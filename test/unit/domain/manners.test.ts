import { describe, expect, test } from 'vitest'
import { anyLength, type KeptManners, Manners } from '../../../src/domain/manners.ts'
import { halfSeconds, wholeSeconds } from '../../../src/domain/windows.ts'

const unknown: KeptManners = {
  grid: undefined,
  honestUpTo: undefined,
  pageSize: 0,
  asksSingly: undefined,
  countsAnyStatus: false,
}
const kept: KeptManners = {
  grid: halfSeconds,
  honestUpTo: 20,
  pageSize: 50,
  asksSingly: true,
  countsAnyStatus: true,
}
/** What belongs to one listing. */
const justBegun = {
  isLying: false,
  largestPage: 0,
  cutAt: Number.POSITIVE_INFINITY,
  showsFractions: false,
  looksBeyond: 0,
  probe: undefined,
}

test('of a service that nobody has asked nothing is known', () => {
  const { takenFilters, ...manners } = new Manners()
  expect(takenFilters.size).toBe(0)
  expect(manners).toEqual({
    ...unknown,
    hasListed: false,
    hasShown: false,
    showsEmptyAs404: false,
    ...justBegun,
  })
})

describe('a listing begins', () => {
  test('with what is kept, and nothing of the listing before', () => {
    const manners = new Manners()
    const ofListing = { isLying: true, largestPage: 9, cutAt: 9, showsFractions: true, looksBeyond: 2 }
    Object.assign(manners, { ...ofListing, probe: Promise.resolve(wholeSeconds), grid: wholeSeconds })
    manners.begin(kept, false)
    expect(manners).toMatchObject({ ...kept, ...justBegun })
  })

  test('with what the client has found out before it', () => {
    const manners = new Manners()
    Object.assign(manners, { asksSingly: true, countsAnyStatus: true, hasShown: true })
    manners.begin({ ...unknown, asksSingly: false }, false)
    expect(manners).toMatchObject({ asksSingly: true, countsAnyStatus: true, hasShown: true })
  })

  test.each([
    [false, 0, false],
    [true, 0, true],
    [false, 1, true],
    [true, 50, true],
  ])(
    'and the endpoint is right where it was listed (%s) or a page came (of %i): %s',
    (was, pageSize, isRight) => {
      const manners = new Manners()
      manners.begin({ ...unknown, pageSize }, was)
      expect(manners.hasListed).toBe(isRight)
      manners.begin(unknown, false)
      expect(manners.hasListed).toBe(isRight)
    },
  )
})

describe('a count', () => {
  test.each<[string, readonly number[], number | undefined, boolean | undefined]>([
    ['is not known to be honest at first', [], undefined, undefined],
    ['is honest up to a page’s length', [20], 20, true],
    ['is honest up to the longest', [20, 50, 30], 50, true],
    ['is honest beyond doubt where a page held less', [20, anyLength, 0, 30], anyLength, true],
    ['is honest beyond doubt whatever was found before', [0, anyLength], anyLength, true],
    ['is not, though it was up to less', [20, 0], 0, false],
    ['is not, and no shorter page tells otherwise', [0, 20], 0, false],
  ])('%s', (_, found, upTo, isHonest) => {
    const manners = new Manners()
    for (const one of found) manners.foundHonest(one)
    expect([manners.honestUpTo, manners.honestCount]).toEqual([upTo, isHonest])
  })

  test('that was found to lie is not honest, until it is forgotten', () => {
    const manners = new Manners()
    manners.foundHonest(anyLength)
    manners.foundLying()
    manners.foundHonest(anyLength)
    expect(manners).toMatchObject({ isLying: true, honestUpTo: 0, honestCount: false })
    manners.cutAt = 7
    manners.forgetCounts()
    expect(manners).toMatchObject({ isLying: false, cutAt: Number.POSITIVE_INFINITY })
    expect(manners.honestCount).toBeUndefined()
    manners.foundHonest(20)
    expect(manners.honestCount).toBe(true)
  })
})

test('all but the length of a page may be forgotten', () => {
  const manners = new Manners()
  manners.begin(kept, true)
  manners.forget()
  expect(manners).toMatchObject({ ...unknown, pageSize: 50, hasListed: true })
})
