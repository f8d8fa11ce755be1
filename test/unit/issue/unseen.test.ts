import { expect, test } from 'vitest'
import { Draft } from '../../../src/draft/draft.ts'
import { toldOf } from '../../../src/issue/told.ts'
import { isAnyUnseen, knownIn, unseenIn } from '../../../src/issue/unseen.ts'
import { tracked, unknownDelegate } from '../report/samples.ts'

const before = toldOf(tracked({ failedRequests: ['a', 'b'], unknownDelegates: [unknownDelegate] }), 1)

test('what is not seen stands as long as nobody knows better', () => {
  const now = { failedRequests: ['b', 'c'] }
  const left = [`delegate ${unknownDelegate.peerId}`, 'request a']
  expect(unseenIn(tracked({ ...now, sight: 'part' }), before).keys).toEqual(left)
  expect(
    unseenIn(tracked({ ...now, sight: 'part', knows: (kind) => kind === 'delegate' }), before).keys,
  ).toEqual(['request a'])
  expect(unseenIn(tracked({ ...now, sight: 'blind', knows: () => true }), before).keys).toEqual(left)
  for (const none of [
    unseenIn(tracked({ ...now, sight: 'whole' }), before),
    unseenIn(tracked({ ...now, sight: 'part' }), undefined),
  ])
    expect(isAnyUnseen(none)).toBe(false)
})

test('of more than were told by name so many are missing as are fewer', () => {
  const many = { ...before, keys: null }
  expect(unseenIn(tracked({ failedRequests: ['c'], sight: 'part' }), many)).toMatchObject({
    keys: [],
    unnamed: { request: 1, delegate: 1, peer: 0 },
  })
})

test('a run knows of what it listed: the drop of a bucket, an empty node, a peer that is well', () => {
  const { filling } = new Draft()
  const bucket = (name: string, brokeOff: boolean) => ({ name, listing: { brokeOff } })
  const peer = (peerId: string, trouble: string | null) => ({ peerId, trouble })
  const knows = knownIn({
    ...filling,
    buckets: [bucket('photos', false), bucket('video', true)],
    node: { peers: [peer('well', null), peer('ill', 'down')] },
  } as never)
  const known = (kind: Parameters<typeof knows>[0], ids: readonly string[]) =>
    ids.filter((id) => knows(kind, id))
  expect(known('doubt', ['bucket photos', 'bucket video', 'bucket other', 'node'])).toEqual([
    'bucket photos',
    'node',
  ])
  expect(known('peer', ['well', 'ill', 'other'])).toEqual(['well'])
  expect(known('request', ['a'])).toEqual([])
  expect(known('delegate', ['a'])).toEqual([])
  expect(known('bucket', ['a'])).toEqual(['a'])
  expect(knownIn(filling)('doubt', 'node')).toBe(false)
})
