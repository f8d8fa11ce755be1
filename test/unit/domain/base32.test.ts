import fc from 'fast-check'
import { base32 } from 'multiformats/bases/base32'
import { expect, test } from 'vitest'
import { decode36, encode36 } from '../../../src/domain/base32.ts'

const some36 = fc.uint8Array({ minLength: 36, maxLength: 36 })
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

/** What the library makes of a text; `undefined` where it is none of 36 bytes. */
function byLibrary(text: string): string | undefined {
  try {
    const bytes = base32.decode(base32.prefix + text)
    return bytes.length === 36 ? latin1(bytes) : undefined
  } catch {
    return undefined
  }
}

test('what is written is what the library writes, and is read again', () => {
  fc.assert(
    fc.property(some36, (bytes) => {
      const text = encode36(latin1(bytes))
      expect(base32.prefix + text).toBe(base32.encode(bytes))
      expect(decode36(text)).toBe(latin1(bytes))
    }),
    { numRuns: 500 },
  )
})

test('a text that is changed in one place is read as the library reads it', () => {
  const characters = 'abcxyz234567' + '0189=ABZ{`@/:\u0000\u007f\u0080\u00e1\u0161\u{1f680}'
  fc.assert(
    fc.property(some36, fc.nat(57), fc.constantFrom(...characters), (bytes, at, character) => {
      const right = encode36(latin1(bytes))
      const text = right.slice(0, at) + character + right.slice(at + 1)
      // The library takes capitals too, for which there is no hurry.
      expect(decode36(text)).toBe(/[A-Z]/.test(text) ? undefined : byLibrary(text))
    }),
    { numRuns: 2000 },
  )
})

test('one wrong character among zeros is one too many', () => {
  for (const wrong of '01A\u00e1') expect(decode36(wrong + 'a'.repeat(57))).toBeUndefined()
})

test('texts of other lengths are none', () => {
  const right = encode36('\x01'.repeat(36))
  for (const text of ['', right.slice(1), `${right}a`, `${right}aa`, right.repeat(2)])
    expect(decode36(text)).toBeUndefined()
})
