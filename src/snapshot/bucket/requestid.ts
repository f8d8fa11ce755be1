/** A requestid as `CidMarks` take it: one byte a character. */
export function requestidBytes(requestid: string): string {
  return Buffer.from(requestid).toString('latin1')
}
