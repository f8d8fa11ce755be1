import fc from 'fast-check'
import { expect, test } from 'vitest'
import { classOfWords } from '../../../../src/domain/reasons/boxo.ts'
import { isKnown, ownClass, type ReasonClass, retryOf } from '../../../../src/domain/reasons/classes.ts'
import { whyItFailed } from '../../../../src/domain/reasons/service.ts'
import { Cids } from '../../../sandbox/identity.ts'

test.each<[string, ReasonClass]>([
  // Boxo from 0.17 to 0.42.1, as it says it by itself, and as Kubo and a peer of a cluster hand it on.
  ['potentially insecure hash functions not allowed', 'refused-hash'],
  ['IPFS error (http://127.0.0.1:5001): potentially insecure hash functions not allowed', 'refused-hash'],
  ['unknown multihash code 4660 (0x1234): no such hash registered', 'refused-hash'],
  ['digest too large: identity digest got 200 bytes, maximum 128', 'digest-size'],
  ['digest too small: sha2-256 digest got 16 bytes, minimum 20', 'digest-size'],
  ['hashes must be at least 20 bytes long', 'digest-size'],
  ['hashes must be at most 128 bytes long', 'digest-size'],
  ['could not choose a decoder: no decoder registered for multicodec code 81 (0x51)', 'unknown-codec'],
  ['unrecognized object type: 144', 'unknown-codec'],
  ['protobuf: (PBNode) invalid wireType, expected 2, got 7', 'undecodable'],
  ['protobuf: varint overflow', 'undecodable'],
  ['invalid Hash field found in link, expected CID', 'undecodable'],
  ['unexpected content after end of cbor object', 'undecodable'],
  ['cannot repeat map key "no space left on device"', 'undecodable'],
  ['cbor: decoding rejected oversized byte field: 99999999 is too large', 'undecodable'],
  ['Invalid byte while expecting start of value: 0x7d', 'undecodable'],
  ['invalid char while expecting start of value: map close', 'undecodable'],
  ['message structure exceeded maximum nesting depth', 'undecodable'],
])('that %s is %s, and never heals', (words, expected) => {
  expect(classOfWords(words)).toBe(expected)
  expect(retryOf(expected)).toBe('never')
})

test.each([
  'merkledag: not found',
  'block was not found locally (offline): ipld: could not find QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG',
  'context deadline exceeded',
  'write /data/ipfs/blocks/.temp/temp-3007415858: no space left on device',
  'unexpected EOF',
  'failed to fetch all nodes',
  // What a content says is not what boxo says.
  'potentially insecure hash functions not allowed, says the content',
  'open /data/protobuf: (PBNode): permission denied',
])('that %s may heal', (words) => {
  const found = classOfWords(words)
  expect(isKnown(found)).toBe(false)
  expect(retryOf(found)).toBe('later')
})

test('a service’s reasons: Filebase’s own, none at all, boxo’s, and any other', () => {
  const classOf = (words: string | null) => whyItFailed(words).class
  expect(classOf('Exceeded Max Attempts (11)')).toBe('gave-up')
  expect(classOf(null)).toBe('unsaid')
  expect(whyItFailed(null).reason).toBe('the service did not say why')
  expect(classOf('potentially insecure hash functions not allowed')).toBe('refused-hash')
  expect(classOf('no providers found')).toMatch(/^other-no-providers-found-[\da-f]{6}$/)
  // The service's own words, whatever they are about, are handed on.
  expect(whyItFailed('Exceeded Max Attempts (11)').reason).toBe('Exceeded Max Attempts (11)')
})

test('messages that differ only in CIDs and numbers are of one class; others are not', () => {
  const [one, two] = [new Cids(1).next('v0'), new Cids(2).next()]
  const said = (cid: string, seconds: number) => `ipld: could not find ${cid} in ${seconds}s`
  expect(ownClass(said(one, 5))).toBe(ownClass(said(two, 12)))
  expect(ownClass(said(one, 5))).toMatch(/^other-ipld-could-not-find-in-[\da-f]{6}$/)
  expect(ownClass('no peers')).not.toBe(ownClass('no peer'))
  expect(ownClass('没有节点')).not.toBe(ownClass('没有数据'))
})

test('the name of a class is short, and plain, whatever the message', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 5000 }), (message) => {
      expect(ownClass(message)).toMatch(/^other-[a-z\d-]{6,60}$/)
    }),
  )
})
