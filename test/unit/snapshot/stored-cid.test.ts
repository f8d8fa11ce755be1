import fc from 'fast-check'
import { bases } from 'multiformats/basics'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { parseCid } from '../../../src/domain/cid.ts'
import { readCidText, storeCidText } from '../../../src/snapshot/stored-cid.ts'

const digest = Digest.create(0x12, new Uint8Array(32).fill(7))
const v0 = CID.createV0(digest).toString()
const v1 = CID.createV1(0x70, digest)
const texts = [v0, ...Object.values(bases).map(({ encoder }) => encoder.encode(v1.bytes))]

function readAgain(text: string): string {
  const key = parseCid(text)?.key ?? ''
  return readCidText(Buffer.from(key, 'latin1'), storeCidText(text))
}

test('a CID is read again as it was written, in whatever base', () => {
  expect(texts.map(readAgain)).toEqual(texts)
})

test('so is one whose base32 has capitals', () => {
  const text = v1.toString()
  fc.assert(
    fc.property(fc.nat(text.length - 1), (at) => {
      const capital = text.slice(0, at) + text.slice(at).toUpperCase()
      if (parseCid(capital) !== undefined) expect(readAgain(capital)).toBe(capital)
    }),
  )
})

test('those that most are take a number', () => {
  expect([v0, v1.toString()].map((text) => typeof storeCidText(text))).toEqual(['number', 'number'])
})
