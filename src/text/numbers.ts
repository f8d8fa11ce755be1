import prettyBytes from 'pretty-bytes'

/** `12,345` */
export function number(value: number): string {
  return value.toLocaleString('en-US')
}

/** `1 CID`, `12,345 CIDs` */
export function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** Bytes as `1.2 GB`, where 1 kB is 1,000 bytes. */
export function size(bytes: number): string {
  return prettyBytes(Math.max(0, bytes))
}
