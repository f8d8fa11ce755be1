/** RFC 4648, in lower case, as nearly all CIDs are written. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const codes = Uint8Array.from(alphabet, (character) => character.charCodeAt(0))
/** What is no character of it. */
const none = 32
/** By character code. */
const bitsOf = new Uint8Array(128).fill(none)
for (const [bits, code] of codes.entries()) bitsOf[code] = bits

/** Bytes of a CIDv1 with a sha2-256, and the characters that they take. */
const length = 36
const characters = 58
const bytes = Buffer.alloc(length)
const text = Buffer.alloc(characters)

/**
 * The 36 bytes of such a CID, one a character (latin1), from its text without the prefix; `undefined` where it is not
 * the one text of just so many bytes. For a million CIDs, the library's decoder of any base takes a tenth of a run.
 */
export function decode36(encoded: string): string | undefined {
  if (encoded.length !== characters) return undefined
  let held = 0
  let bits = 0
  let at = 0
  let seen = 0
  for (let i = 0; i < characters; i++) {
    const five = bitsOf[encoded.charCodeAt(i)] ?? none
    seen |= five
    held = (held << 5) | five
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = held >> bits
    held &= (1 << bits) - 1
  }
  // Two bits are left over, which are zero in the one text that encoders make.
  return seen >= none || held !== 0 ? undefined : bytes.toString('latin1')
}

/** The other way round, without the prefix. */
export function encode36(latin1: string): string {
  let held = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < length; i++) {
    held = (held << 8) | latin1.charCodeAt(i)
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text[at++] = codes[held >> bits] as number
      held &= (1 << bits) - 1
    }
  }
  text[at] = codes[held << (5 - bits)] as number
  return text.toString('latin1')
}
