import { describe, expect, test } from 'vitest'
import { parseCid } from '../../../src/domain/cid.ts'
import { PeerRefusals, progressOf, queuePatience } from '../../../src/domain/peer-faults.ts'
import { watchPeers } from '../../../src/domain/peer-watch.ts'
import {
  type PeerFailure,
  type PeerStanding,
  type ReplicatedPin,
  standingOf,
} from '../../../src/domain/replication.ts'
import { Cids } from '../../sandbox/identity.ts'

type Said = PeerStanding | PeerFailure
const failures: readonly string[] = ['no-progress', 'full', 'no-kubo', 'refused'] satisfies PeerFailure[]

/** A pin that peers `a`, `b`, … are to have, or all; and what those say that say something. */
function pin(allocations: string | null, said: Readonly<Record<string, Said>>): ReplicatedPin {
  const peers = Object.entries(said).map(([peerId, word]) => {
    const isFailure = failures.includes(word)
    const standing = (isFailure ? 'failed' : word) as PeerStanding
    const failure = isFailure ? (word as PeerFailure) : null
    return {
      peerId,
      standing,
      failure,
      class: failure === 'refused' ? ('refused-hash' as const) : null,
      words: isFailure ? `${word} of ${peerId}` : '',
      tries: 1,
      addresses: [],
    }
  })
  return { cid: 'cid', name: null, allocations: allocations === null ? null : [...allocations], peers }
}

describe('how a CID stands in a cluster', () => {
  test.each<[string, string | null, Readonly<Record<string, Said>>, string]>([
    ['all that are to have it have it', 'ab', { a: 'pinned', b: 'pinned' }, 'pinned'],
    ['one is still to come', 'ab', { a: 'pinned', b: 'queued' }, 'pinning'],
    ['one has not heard of it', 'ab', { a: 'pinned', b: 'unheard' }, 'pinning'],
    ['one is at work', 'ab', { a: 'pinned', b: 'pinning' }, 'pinning'],
    ['one is in error, though another is at work', 'ab', { a: 'pinning', b: 'no-progress' }, 'failed'],
    ['one has lost it', 'ab', { a: 'pinned', b: 'lost' }, 'lost'],
    ['one does not answer', 'ab', { a: 'pinned', b: 'silent' }, 'partly'],
    ['nobody tells of one any more', 'ab', { a: 'pinned' }, 'partly'],
    ['others have it in its place', 'ab', { a: 'pinned', c: 'pinned' }, 'partly'],
    ['it is to be on all, and is', null, { a: 'pinned', b: 'pinned', c: 'pinned' }, 'pinned'],
    ['it is to be on all, and one does not answer', null, { a: 'pinned', b: 'silent' }, 'partly'],
    ['it is to be on all, and nobody says a word', null, {}, 'partly'],
  ])('%s', (_, allocations, said, standing) => {
    expect(standingOf(pin(allocations, said))).toBe(standing)
  })
})

describe('how far a cluster is with a CID', () => {
  const isWell = () => null
  const isTroubled = (peerId: string) => (peerId === 'b' ? 'it is down' : null)

  test.each<[string, Readonly<Record<string, Said>>, (peerId: string) => string | null, object]>([
    ['is on all', { a: 'pinned', b: 'pinned' }, isTroubled, { how: 'pinned' }],
    [
      'at work at one',
      { a: 'no-progress', b: 'pinning' },
      isWell,
      { how: 'moving', isQueued: false, at: ['b'] },
    ],
    ['only queued', { a: 'pinned', b: 'queued' }, isWell, { how: 'moving', isQueued: true, at: ['b'] }],
    [
      'at work where there is trouble',
      { a: 'pinned', b: 'pinning' },
      isTroubled,
      { how: 'hindered', by: [{ peerId: 'b', words: 'it is down' }] },
    ],
    [
      'in error at one that is well',
      { a: 'no-progress', b: 'silent' },
      isTroubled,
      {
        how: 'failed',
        refusals: [{ peerId: 'a', words: 'no-progress of a', failure: 'no-progress', class: null }],
      },
    ],
    [
      'in error where there is trouble',
      { a: 'pinned', b: 'refused' },
      isTroubled,
      { how: 'hindered', by: [{ peerId: 'b', words: 'it is down' }] },
    ],
    [
      'no room is of the whole peer',
      { a: 'full', b: 'pinned' },
      isWell,
      { how: 'hindered', by: [{ peerId: 'a', words: 'full of a' }] },
    ],
    ['lost at one', { a: 'pinned', b: 'lost' }, isWell, { how: 'lost', at: ['b'] }],
    ['unheard of at one', { a: 'pinned', b: 'unheard' }, isWell, { how: 'unheard', at: ['b'] }],
    [
      'unheard of at one, and at work at the other',
      { a: 'pinning', b: 'unheard' },
      isWell,
      { how: 'moving', isQueued: false, at: ['a'] },
    ],
    [
      'unheard of at one, and in error at the other',
      { a: 'refused', b: 'unheard' },
      isWell,
      {
        how: 'failed',
        refusals: [{ peerId: 'a', words: 'refused of a', failure: 'refused', class: 'refused-hash' }],
      },
    ],
    [
      'unheard of where there is trouble',
      { a: 'pinned', b: 'unheard' },
      isTroubled,
      { how: 'hindered', by: [{ peerId: 'b', words: 'it is down' }] },
    ],
    [
      'failed as its Kubo was away, which is back',
      { a: 'pinned', b: 'no-kubo' },
      isWell,
      { how: 'lost', at: ['b'] },
    ],
    [
      'not told of',
      { a: 'pinned' },
      isWell,
      { how: 'hindered', by: [{ peerId: 'b', words: 'it does not answer' }] },
    ],
  ])('%s', (_, said, troubleOf, progress) => {
    expect(progressOf(pin('ab', said), troubleOf)).toEqual(progress)
  })
})

test('queues may stand for three times stall-timeout, and until a cluster has told its peers again what it has', () => {
  expect(queuePatience({ stallTimeout: 20_000, isAnyUnheard: false })).toBe(60_000)
  expect(queuePatience({ stallTimeout: 20_000, isAnyUnheard: true })).toBe(180_000)
  expect(queuePatience({ stallTimeout: 120_000, isAnyUnheard: true })).toBe(360_000)
})

test('a peer that refuses all alike is at fault; one that does well by others, or refuses one alone, is not', () => {
  const refusals = new PeerRefusals()
  const keys = new Cids(1).take(3).map((cid) => parseCid(cid)?.key)
  const [one, other] = keys
  if (one === undefined || other === undefined) throw new Error('they are no CIDs')
  refusals.refuses('a', one)
  refusals.refuses('a', one)
  expect(refusals.isPeersFault('a')).toBe(false)
  refusals.refuses('a', other)
  expect(refusals.isPeersFault('a')).toBe(true)
  refusals.wentWell('a')
  expect(refusals.isPeersFault('a')).toBe(false)
  expect(refusals.isPeersFault('b')).toBe(false)
})

describe('which peer has trouble since when', () => {
  const well = (peerId: string) => ({ peerId, name: `name of ${peerId}`, trouble: null, since: null })

  test('since a run first saw it, also where it says its name no more, and until it is well', () => {
    const down = watchPeers(1000, [{ peerId: 'a', name: '', trouble: 'dial' }], [well('a')], false)
    expect(down).toEqual([{ peerId: 'a', name: 'name of a', trouble: 'dial', since: 1000 }])
    const still = watchPeers(2000, [{ peerId: 'a', name: '', trouble: 'other' }], down, false)
    expect(still).toEqual([{ peerId: 'a', name: 'name of a', trouble: 'other', since: 1000 }])
    expect(watchPeers(3000, [well('a')], still, false)).toEqual([well('a')])
  })

  test('one that is missing has trouble, until a person says that it is gone for good', () => {
    const missing = watchPeers(1000, [well('a')], [well('a'), well('b')], false)
    const trouble = 'the other peers do not see it'
    expect(missing).toEqual([well('a'), { ...well('b'), trouble, since: 1000 }])
    expect(watchPeers(2000, [well('a')], missing, false)).toEqual(missing)
    expect(watchPeers(3000, [well('a')], missing, true)).toEqual([well('a')])
  })
})
