/** A requestid as `CidMarks` take it: one byte a character. */
export function requestidBytes(requestid: string): string {
  if (ascii.test(requestid)) return requestid
  return Buffer.from(requestid).toString('latin1')
}

/** Nearly all are. They are looked at one by one, up to a million of them, and need no copy. */
const ascii = /^[\0-\x7f]*$/
