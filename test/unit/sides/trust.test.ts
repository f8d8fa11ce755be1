import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import type { Config } from '../../../src/config/types.ts'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { day, hour, type Moment } from '../../../src/domain/moment.ts'
import { NodePins } from '../../../src/domain/node-pins.ts'
import { Census } from '../../../src/domain/replication.ts'
import type { ListingResult } from '../../../src/listing/list-bucket.ts'
import type { BothSides } from '../../../src/sides/list-both-sides.ts'
import { nodePinsBefore, rememberNodePins, trustOf } from '../../../src/sides/trust.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { Snapshot } from '../../../src/snapshot/snapshot.ts'
import { read } from '../config/step.ts'
import { listedBucket } from './listed.ts'

const start = Date.UTC(2026, 0, 1)
const at = (ms: number): Moment => ({ here: start + ms, service: start + ms })
const identity = { peerId: 'peer', version: '0.43.0', addresses: [] } as unknown as BothSides['identity']

/** Both sides as a listing may find them: the node with so many pins, or not to be listed. */
function sidesWith(
  results: readonly (Partial<ListingResult> | null)[],
  { pins = 1, pinning = 0, isNew = false, isNodeListed = true, listedAt = [] as readonly Moment[] } = {},
): BothSides {
  const nodePins = new NodePins()
  const census = new Census()
  for (let n = 0; n < pinning; n++) census.add({ standing: 'pinning', copies: 1 })
  const own = parseCid('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn')?.key
  if (isNew && own !== undefined) {
    nodePins.add(own, { isV0: true, name: null })
    census.add({ standing: 'pinned', copies: 1 })
  }
  for (let n = 0; n < pins; n++) {
    nodePins.add(`key ${n}` as CidKey, { isV0: false, name: null })
    census.add({ standing: 'pinned', copies: 1 })
  }
  return {
    buckets: results.map((result, index) => listedBucket(result, listedAt[index] ?? at(0))),
    identity: isNodeListed ? identity : undefined,
    nodeError: undefined,
    hasNodeAnswered: isNodeListed,
    kind: 'kubo',
    pins: nodePins,
    census,
    account: { found: null, problems: [] },
  }
}

/** A snapshot without a file. */
function emptySnapshot(): Snapshot {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  return new Snapshot(db)
}

const byHand = read({ 'full-listing': 'true' }, { GITHUB_EVENT_NAME: 'workflow_dispatch' })
const onSchedule = read({})

describe('what was listed is trusted', () => {
  test.each<[string, BothSides, { isProved: boolean; isWhole: boolean }]>([
    ['where every bucket is proved', sidesWith([{}, {}]), { isProved: true, isWhole: true }],
    ['but not where one broke off', sidesWith([{}, null]), { isProved: false, isWhole: false }],
    [
      'but not where one is not proved',
      sidesWith([{}, { complete: false }]),
      { isProved: false, isWhole: false },
    ],
    [
      'as well as it can be, where a service can never prove it',
      sidesWith([{}, { complete: false, unprovable: true }]),
      { isProved: false, isWhole: true },
    ],
    [
      'but not where requests went missing there',
      sidesWith([{ complete: false, unprovable: true, vanished: 1 }]),
      { isProved: false, isWhole: false },
    ],
    [
      'but not where many vanished at once',
      sidesWith([{ vanished: 800 }, {}]),
      { isProved: false, isWhole: false },
    ],
    [
      'of the service alone, where the node could not be listed',
      sidesWith([{}], { pins: 0, isNodeListed: false }),
      { isProved: true, isWhole: false },
    ],
  ])('%s', (_, sides, expected) => {
    using snapshot = emptySnapshot()
    expect(trustOf(onSchedule, snapshot, sides)).toEqual({
      ...expected,
      isNodeBelieved: true,
      nodeEmptySince: null,
    })
  })
})

describe('a node that lists no pins', () => {
  const blind = { here: start + 99 * day, service: null }

  interface Given {
    readonly before: number
    readonly emptyFor?: number
    readonly config?: Config
    readonly listedAt?: readonly Moment[]
    readonly isNew?: boolean
  }

  test.each<[string, Given, boolean]>([
    ['is believed where it had few', { before: 999 }, true],
    ['is not where it had thousands', { before: 1000 }, false],
    ['is not where it is a new one', { before: 1000, isNew: true }, false],
    ['is believed a day later where it is a new one', { before: 1000, emptyFor: day, isNew: true }, true],
    ['is not a day less an hour later', { before: 1000, emptyFor: day - hour }, false],
    ['is believed a day later', { before: 1000, emptyFor: day }, true],
    ['is believed where a person says so', { before: 1000, emptyFor: 0, config: byHand }, true],
    ['is not where nobody was told of it before', { before: 1000, config: byHand }, false],
    [
      'is not by a run by hand that does not list in full',
      { before: 1000, emptyFor: 0, config: { ...byHand, fullListing: false } },
      false,
    ],
    [
      'is not by a full listing on schedule',
      { before: 1000, emptyFor: 0, config: { ...onSchedule, fullListing: true } },
      false,
    ],
    [
      'goes by the bucket that tells the service’s time',
      { before: 1000, emptyFor: 1, listedAt: [blind, at(1)] },
      false,
    ],
  ])('%s', (_, { before, emptyFor, config = onSchedule, listedAt, isNew = false }, isBelieved) => {
    using snapshot = emptySnapshot()
    snapshot.facts.set('nodePins', before)
    if (emptyFor !== undefined) snapshot.facts.set('nodeEmptySince', JSON.stringify(at(-emptyFor)))
    const sides = sidesWith([{}, {}], { pins: 0, isNew, ...(listedAt && { listedAt }) })
    expect(trustOf(config, snapshot, sides)).toEqual({
      isProved: true,
      isNodeBelieved: isBelieved,
      nodeEmptySince: isBelieved ? null : at(-(emptyFor ?? 0)).here,
      isWhole: isBelieved,
    })
  })

  test('is believed as soon as it lists one', () => {
    using snapshot = emptySnapshot()
    snapshot.facts.set('nodePins', 100_000)
    expect(trustOf(onSchedule, snapshot, sidesWith([{}], { pins: 1 }))).toMatchObject({
      isNodeBelieved: true,
    })
  })

  test('is kept with when that was first seen, until it is believed', () => {
    using snapshot = emptySnapshot()
    const empty = (ms: number) => sidesWith([{}], { pins: 0, listedAt: [at(ms)] })
    const run = (sides: BothSides) =>
      rememberNodePins(snapshot, sides, trustOf(onSchedule, snapshot, sides), 0)
    run(sidesWith([{}], { pins: 1000 }))
    expect(nodePinsBefore(snapshot)).toEqual({ pins: 1000, emptySince: undefined })
    for (const ms of [0, hour]) {
      run(empty(ms))
      expect(nodePinsBefore(snapshot)).toEqual({ pins: 1000, emptySince: at(0) })
      expect(snapshot.facts.get('changedInRun')).toBe(snapshot.run)
    }
    run(empty(day))
    expect(nodePinsBefore(snapshot)).toEqual({ pins: 0, emptySince: undefined })
  })
})

describe('of the pins of a node are remembered', () => {
  test.each<[string, Parameters<typeof sidesWith>[1], number, number]>([
    ['those that it lists', { pins: 7 }, 0, 7],
    ['but not the one of every new repository', { pins: 7, isNew: true }, 0, 7],
    ['those that the run has pinned', { pins: 0, isNew: true }, 1100, 1100],
    ['those that a cluster had not pinned yet', { pins: 3, pinning: 5 }, 0, 8],
    ['and those of them that it pinned since only once', { pins: 3, pinning: 5 }, 4, 8],
    ['and those that it was given since', { pins: 3, pinning: 5 }, 9, 12],
  ])('%s', (_, found, pinned, expected) => {
    using snapshot = emptySnapshot()
    const sides = sidesWith([{}], found)
    rememberNodePins(snapshot, sides, trustOf(onSchedule, snapshot, sides), pinned)
    expect(nodePinsBefore(snapshot).pins).toBe(expected)
  })

  test('their number, which is worth a copy in the cache where it changed', () => {
    using snapshot = emptySnapshot()
    const run = (pins: number) => {
      snapshot.facts.forget('changedInRun')
      const sides = sidesWith([{}], { pins })
      rememberNodePins(snapshot, sides, trustOf(onSchedule, snapshot, sides), 0)
      return snapshot.facts.get('changedInRun') !== undefined
    }
    expect([run(5), run(5), run(6)]).toEqual([true, false, true])
  })
})

test('where no answer told the service’s time, it is the box’s', () => {
  using snapshot = emptySnapshot()
  snapshot.facts.set('nodePins', 1000)
  const sides = sidesWith([{}], { pins: 0, listedAt: [{ here: 5, service: null }] })
  rememberNodePins(snapshot, sides, trustOf(onSchedule, snapshot, sides), 0)
  const { emptySince } = nodePinsBefore(snapshot)
  expect(emptySince).toMatchObject({ service: null })
  expect(emptySince?.here).toBeGreaterThan(start)
})
