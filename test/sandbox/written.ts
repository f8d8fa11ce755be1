const bytesOf = (text: string) => [...Buffer.from(text)]
const everyUnit = (text: string, write: (unit: number) => string) =>
  Array.from({ length: text.length }, (_, index) => write(text.charCodeAt(index))).join('')
const hex = (value: number, length: number) => value.toString(16).padStart(length, '0')
const base64 = (text: string) => Buffer.from(text).toString('base64')
const inLines = (text: string, length: number, end: string) =>
  (text.match(new RegExp(`.{1,${length}}`, 'g')) ?? []).join(end)
const asJson = (text: string) => JSON.stringify(text).slice(1, -1)

/** The manners in which programs write a text, by name. */
export const manners: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'in a URL': encodeURIComponent,
  'in a URL, in lower case': (text) => encodeURIComponent(text).replace(/%../g, (byte) => byte.toLowerCase()),
  'in a URL, every byte': (text) =>
    bytesOf(text)
      .map((byte) => `%${hex(byte, 2).toUpperCase()}`)
      .join(''),
  'in a URL within a URL': (text) => encodeURIComponent(encodeURIComponent(text)),
  'in a URL, one byte in three': (text) =>
    bytesOf(text)
      .map((byte, index) =>
        byte > 127 || byte === 37 || index % 3 === 0 ? `%${hex(byte, 2)}` : String.fromCharCode(byte),
      )
      .join(''),
  'in hex': (text) => Buffer.from(text).toString('hex'),
  'in hex, in upper case': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'in Base64': base64,
  'in Base64 without padding': (text) => base64(text).replaceAll('=', ''),
  'in Base64url': (text) => Buffer.from(text).toString('base64url'),
  'in Base64 after one byte': (text) => base64(`x${text}`),
  'in Base64 amid others': (text) => base64(`xy${text}z`),
  'in Base64 in a URL': (text) => encodeURIComponent(base64(text)),
  'in Base64 in lines': (text) => inLines(base64(text), 76, '\r\n'),
  'in Base64 in short lines': (text) => inLines(base64(text), 20, '\n'),
  'in Base64 in lines with an indent': (text) => inLines(base64(text), 20, '\n\t      '),
  'in Base64 in lines after one byte': (text) => inLines(base64(`x${text}`), 20, '\r\n'),
  'in Base64 in lines amid others': (text) => inLines(base64(`xy${text}z`), 20, '\n'),
  'in Base64 in lines in JSON': (text) => asJson(inLines(base64(text), 20, '\n')),
  'in Base64 in lines in JSON within JSON': (text) => asJson(asJson(inLines(base64(text), 20, '\r\n'))),
  'in Base64 in lines in a URL': (text) => encodeURIComponent(inLines(base64(text), 20, '\n')),
  'in Base64 in lines in HTML': (text) => inLines(base64(text), 20, '&#13;&#10;'),
  'in JSON': asJson,
  'in JSON with every slash escaped': (text) => asJson(text).replaceAll('/', '\\/'),
  'in JSON, every character': (text) => everyUnit(text, (unit) => `\\u${hex(unit, 4)}`),
  'in JavaScript, every character': (text) =>
    everyUnit(text, (unit) => (unit < 256 ? `\\x${hex(unit, 2)}` : `\\u${hex(unit, 4)}`)),
  'in JavaScript, in braces': (text) =>
    Array.from(text, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`).join(''),
  'in octal digits': (text) =>
    everyUnit(text, (unit) => (unit < 256 ? `\\${unit.toString(8).padStart(3, '0')}` : `\\u${hex(unit, 4)}`)),
  'with a backslash before each quotation mark': (text) => text.replace(/['"\\]/g, '\\$&'),
  'in a form': (text) => new URLSearchParams({ '': text }).toString().slice(1),
  'in UTF-16, read as UTF-8': (text) => Buffer.from(text, 'utf16le').toString(),
  'in UTF-16 the other way round, read as UTF-8': (text) => Buffer.from(text, 'utf16le').swap16().toString(),
  'in Latin-1, read as UTF-8': (text) => Buffer.from(text, 'latin1').toString(),
  'in JSON within JSON': (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
  'in HTML': (text) => text.replace(/[^A-Za-z0-9]/gu, (one) => `&#${one.codePointAt(0)};`),
  'in HTML, in hex': (text) => everyUnit(text, (unit) => `&#x${hex(unit, 2)};`),
  'in HTML, as long as can be': (text) => everyUnit(text, (unit) => `&#x${hex(unit, 8)};`),
  'in HTML, in digits, as long as can be': (text) =>
    everyUnit(text, (unit) => `&#${String(unit).padStart(8, '0')};`),
  'in HTML without semicolons': (text) => everyUnit(text, (unit) => `&#${unit}`),
  'in HTML, by names': (text) =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('"', '&quot;')
      .replaceAll('=', '&equals;')
      .replaceAll('+', '&plus;')
      .replaceAll('/', '&sol;'),
}
