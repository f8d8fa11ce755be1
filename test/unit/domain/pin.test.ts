import { base16upper } from 'multiformats/bases/base16'
import { base58btc } from 'multiformats/bases/base58'
import { base64url } from 'multiformats/bases/base64'
import { base256emoji } from 'multiformats/bases/base256emoji'
import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { pinName } from '../../../src/domain/pin.ts'

const v0 = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
const v1 = 'bafybeie5nqv6kd3qnfjupgvz34woh3oksc3iau6abmyajn7qvtf6d2ho34'
const other = 'bafkreihiblit5twsyygebx4bdqvr53eu4gpnblmg4s3nyzjahixaf54vui'
const inBases = [base16upper, base58btc, base64url, base256emoji].map((base) => CID.parse(v1).toString(base))

test('a name that is the CID, in whatever form, is no name', () => {
  const forms = [v0, v1, ...inBases]
  for (const cid of forms) for (const name of forms) expect(pinName(name, cid)).toBe(null)
})

test('a short CID is known in its shortest form', () => {
  const cid = CID.parse('bafkqaaa')
  expect(pinName(cid.toString(base256emoji), cid.toString())).toBe(null)
})

test.each([
  ['', null],
  [undefined, null],
  ['holiday.jpg', 'holiday.jpg'],
  ['bafy, the first', 'bafy, the first'],
  [`${v1} `, `${v1} `],
  [other, other],
  ['💥'.repeat(1000), '💥'.repeat(63)],
])('of the name %j is kept: %j', (name, kept) => {
  expect(pinName(name, v1)).toBe(kept)
  expect(pinName(name, 'no CID')).toBe(kept)
})
