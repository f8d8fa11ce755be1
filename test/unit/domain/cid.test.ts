import { expect, test } from 'vitest'
import { cidV0, cidV1, parseCid } from '../../../src/domain/cid.ts'

const v0 = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
const v1 = 'bafybeie5nqv6kd3qnfjupgvz34woh3oksc3iau6abmyajn7qvtf6d2ho34'
const raw = 'bafkreihiblit5twsyygebx4bdqvr53eu4gpnblmg4s3nyzjahixaf54vui'

test('both versions of a CID are one pin, and each keeps its text', () => {
  expect(parseCid(v0)).toEqual({ text: v0, key: parseCid(v1)?.key })
  expect(parseCid(v1)?.text).toBe(v1)
})

test('a raw twin of a dag-pb root is another pin', () => {
  const key = parseCid(v1)?.key ?? ''
  const twin = cidV1(`\x55${key.slice(1)}` as NonNullable<ReturnType<typeof parseCid>>['key'])
  expect(parseCid(twin)?.key).not.toBe(key)
  expect(cidV0(parseCid(twin)?.key as never)).toBeUndefined()
})

test('a key gives its CIDs back', () => {
  const { key } = parseCid(v0) ?? {}
  expect([cidV0(key as never), cidV1(key as never)]).toEqual([v0, v1])
  expect([cidV0(parseCid(raw)?.key as never), cidV1(parseCid(raw)?.key as never)]).toEqual([undefined, raw])
})

test.each([
  '',
  'Qm',
  'hello',
  `${v1}x`,
  v1.slice(0, -3),
  `/ipfs/${v1}`,
  '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B',
  `${v1} `,
])('%j is no CID', (text) => {
  expect(parseCid(text)).toBeUndefined()
})
