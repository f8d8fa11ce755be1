import { expect, test } from 'vitest'
import { Followed } from '../../../src/update/followed.ts'

const followedOf = () => new Followed(5, ['a', 'b'])

test('nothing is known of what nobody asked for', () => {
  const followed = followedOf()
  expect(followed.waiting).toBe(0)
  expect([followed.isAtService(0), followed.waits(0), followed.shown(0)]).toEqual([false, false, undefined])
  expect([followed.bucketOf(0), followed.isAnyThere(), followed.bucketsWaiting()]).toEqual([
    undefined,
    false,
    [],
  ])
})

test('what was asked for waits in its bucket until it is settled', () => {
  const followed = followedOf()
  followed.add(1, { bucket: 'b', created: 7 }, 'known', 'waits', 'sure')
  followed.add(3, { bucket: 'a', created: null }, 'waits')
  followed.add(4, { bucket: 'b', created: 9 }, 'known')
  expect(followed.waiting).toBe(2)
  expect([...followed.waitingIn('b')]).toEqual([1])
  expect(followed.bucketsWaiting()).toEqual(['a', 'b'])
  expect([1, 3].map((index) => followed.createdOf(index))).toEqual([7, null])
  expect([...followed.atService()]).toEqual([1, 4])
  followed.end(1)
  followed.end(1)
  expect([followed.waiting, followed.bucketOf(1)]).toEqual([1, 'b'])
  expect([...followed.atService()]).toEqual([1, 4])
})

test('what is not sure is there once a listing shows it', () => {
  const followed = followedOf()
  followed.add(2, { bucket: 'a', created: null }, 'waits')
  expect([followed.isAnyThere(), followed.isAtService(2)]).toEqual([false, false])
  followed.show(2, 'queued')
  expect([followed.shown(2), followed.isAnyThere(), followed.isAtService(2)]).toEqual(['queued', true, true])
})

test('what is asked for once more waits once', () => {
  const followed = followedOf()
  followed.add(2, { bucket: 'a', created: null }, 'waits')
  followed.add(2, { bucket: 'b', created: 4 }, 'known', 'waits', 'sure')
  expect([followed.waiting, followed.bucketOf(2), followed.createdOf(2)]).toEqual([1, 'b', 4])
})
