import { mostLevels, unescaped } from './unescaped.ts'

/** Shorter ones, and what may be a number, are found by chance in what means something else. */
const shortest = 8

/** Whether a text is one of its own kind, so that it may be looked for in all that is said. */
export function isDistinct(text: string): boolean {
  return text.length >= shortest && !/^\d{1,16}$/.test(text)
}

/**
 * What gives a secret away when it is known by itself. A Filebase token is the Base64 of `ACCESS_KEY:SECRET_KEY:bucket`
 * (read in its SDK), basic authorization that of `user:password`; neither the bucket nor the user is a secret. Of a
 * JSON Web Token it is the signature.
 */
export function partsOf(secret: string): string[] {
  const signature = /^eyJ[\w-]+\.[\w-]+\.([\w-]+)$/.exec(secret)?.[1]
  if (signature !== undefined) return [signature]
  const lines = secret.split(/[\r\n]+/)
  if (lines.length > 1) return lines
  const decoded = decodedBase64(secret)
  if (decoded === undefined || !isDistinct(decoded)) return []
  const [first = '', second = '', ...more] = decoded.split(':')
  if (second === '' || more.length > 1) return [decoded]
  return more.length === 0 ? [decoded, second] : [decoded, `${first}:${second}`, first, second]
}

/** The readable text that a text is the Base64 or Base64url of; `undefined` for none. */
export function decodedBase64(text: string): string | undefined {
  const plain = plainBase64(text)
  const decoded = Buffer.from(plain, 'base64').toString()
  const isWhole = plainBase64(Buffer.from(decoded).toString('base64')) === plain
  return isWhole && /^\P{C}+$/u.test(decoded) ? decoded : undefined
}

/** In the standard alphabet, and without padding. */
function plainBase64(text: string): string {
  return text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/={1,2}$/, '')
}

/**
 * The texts that a secret may be found as, once nothing is escaped any more: itself, its bytes as hex digits, and what
 * Base64 makes of it.
 */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const encoded = base64Of(bytes)
  const hex = bytes.toString('hex')
  const forms = [
    ...unescapedOf(secret),
    // As it is read where a URL escapes each byte of a character.
    bytes.toString('latin1'),
    ...misreadOf(secret),
    hex,
    hex.toUpperCase(),
    ...encoded,
    ...encoded.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ]
  return [...new Set(forms)].filter(isDistinct)
}

/** What has escapes in it is read without them where something else beside it is escaped: itself, and what is left of it. */
function unescapedOf(secret: string): string[] {
  const texts = [secret]
  for (let level = 0; level < mostLevels; level++) {
    const inner = unescaped(texts.at(-1) as string)?.text
    if (inner === undefined) break
    texts.push(inner)
  }
  return texts
}

/** What is read as UTF-8 though it is none; NULs are left out of all that is looked through. */
function misreadOf(secret: string): string[] {
  const utf16 = Buffer.from(secret, 'utf16le')
  const read = [utf16, Buffer.from(utf16).swap16()].map((bytes) => bytes.toString().replaceAll('\0', ''))
  return /^[\0-\xff]*$/.test(secret) ? [...read, Buffer.from(secret, 'latin1').toString()] : read
}

/** By itself, and within something longer: from any of three bytes on. */
function base64Of(bytes: Buffer): string[] {
  const alone = bytes.toString('base64')
  const within = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    // Characters at both ends have bits of what is beside it.
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
  })
  return [alone, alone.replace(/={1,2}$/, ''), ...within]
}
