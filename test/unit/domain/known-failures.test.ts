import { expect, test } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { KnownFailures } from '../../../src/domain/known-failures.ts'
import { Cids } from '../../sandbox/identity.ts'

test('packed, it gives back what it was given, and nothing for others', () => {
  const [other, ...keys] = new Cids(1).take(41).map((text) => parseCid(text)?.key) as [CidKey, ...CidKey[]]
  const failureOf = (n: number) => ({
    nextAttempt: 1e12 + n,
    retry: n % 3 === 0 ? ('never' as const) : ('later' as const),
    requestCreated: n % 2 === 0 ? null : n,
  })
  const known = new KnownFailures()
  expect([known.size, known.has(other), known.get(other)]).toEqual([0, false, undefined])
  for (const [n, key] of keys.entries()) known.add(key, failureOf(n))
  expect(known.size).toBe(40)
  expect(keys.map((key) => known.get(key))).toEqual(keys.map((_, n) => failureOf(n)))
  expect([known.has(other), known.get(other)]).toEqual([false, undefined])
})
