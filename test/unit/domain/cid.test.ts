import { base32 } from 'multiformats/bases/base32'
import { base58btc } from 'multiformats/bases/base58'
import { bases } from 'multiformats/basics'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { identity } from 'multiformats/hashes/identity'
import { expect, test } from 'vitest'
import { cidForms, cidV0, cidV1, parseCid } from '../../../src/domain/cid.ts'

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

test('a CID may be in any base', () => {
  const { key } = parseCid(v1) ?? {}
  const bytes = CID.parse(v1).bytes
  const texts = Object.values(bases).map(({ encoder }) => encoder.encode(bytes))
  expect(texts.length).toBeGreaterThan(10)
  expect(texts.map(parseCid)).toEqual(texts.map((text) => ({ text, key })))
})

test('a pin may be kept under two texts where it has a CIDv0, else under one', () => {
  expect(cidForms(parseCid(v0)?.key as never)).toEqual([v0, v1])
  expect(cidForms(parseCid(raw)?.key as never)).toEqual([raw])
})

test.each([
  ['another hash', 0x70, 0x1b, 32],
  ['another length', 0x70, 0x12, 20],
  ['another codec', 0x71, 0x12, 32],
])('with %s than CIDv0 has, a CID has none', (_, codec, hash, length) => {
  const text = CID.createV1(codec, Digest.create(hash, new Uint8Array(length).fill(0xfe))).toString()
  const { key } = parseCid(text) ?? {}
  expect([cidV0(key as never), cidV1(key as never)]).toEqual([undefined, text])
})

test('the longest CID has 512 characters', () => {
  const inline = (length: number) => CID.createV1(0x55, identity.digest(new Uint8Array(length))).toString()
  expect(inline(314)).toHaveLength(512)
  expect(parseCid(inline(314))).toBeDefined()
  expect(parseCid(inline(315))).toBeUndefined()
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
  // A CIDv0 is only ever written in bare base58.
  `z${v0}`,
  base32.encode(CID.parse(v0).bytes),
  base32.encode(CID.parse(v1).bytes.subarray(0, -1)),
  base32.encode(Uint8Array.of(...CID.parse(v1).bytes, 1)),
  // Nor does a CIDv1 begin with Qm, whatever follows.
  base58btc.encode(CID.parse(v1).bytes).slice(1),
])('%j is no CID', (text) => {
  expect(parseCid(text)).toBeUndefined()
})
