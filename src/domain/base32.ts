/** RFC 4648, in lower case, as nearly all CIDs are written. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const codes = Uint8Array.from(alphabet, (character) => character.charCodeAt(0))
/** A bit above the five of a character, so that it is left when the values of all are ORed. */
const invalid = 0b100000
/** By character code. */
const values = new Uint8Array(128).fill(invalid)
for (const [value, code] of codes.entries()) values[code] = value

/** Of a CIDv1 with a sha2-256: in bytes, and in characters after the prefix. */
const cidLength = 36
const textLength = 58
// One of each is enough: a call ends before the next one begins, and gives away a copy.
const cidBytes = Buffer.alloc(cidLength)
const textBytes = Buffer.alloc(textLength)

/**
 * The 36 bytes of such a CID, one a character (latin1), from its text without the prefix; `undefined` where it is not
 * the one text of just so many bytes. For a million CIDs, the library's decoder of any base takes a tenth of a run.
 */
export function decode36(text: string): string | undefined {
  if (text.length !== textLength) return undefined
  let held = 0
  let bits = 0
  let at = 0
  let all = 0
  for (let i = 0; i < textLength; i++) {
    const value = values[text.charCodeAt(i)] ?? invalid
    all |= value
    held = (held << 5) | value
    bits += 5
    if (bits < 8) continue
    bits -= 8
    cidBytes[at++] = held >> bits
    held &= (1 << bits) - 1
  }
  // Two bits are left over, which are zero in the one text that encoders make.
  return all >= invalid || held !== 0 ? undefined : cidBytes.toString('latin1')
}

/** The other way round, without the prefix. */
export function encode36(latin1: string): string {
  let held = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < cidLength; i++) {
    held = (held << 8) | latin1.charCodeAt(i)
    bits += 8
    while (bits >= 5) {
      bits -= 5
      textBytes[at++] = codes[held >> bits] as number
      held &= (1 << bits) - 1
    }
  }
  textBytes[at] = codes[held << (5 - bits)] as number
  return textBytes.toString('latin1')
}
