/** `12,345` */
export function number(value: number): string {
  return value.toLocaleString('en-US')
}

/** `1 CID`, `12,345 CIDs` */
export function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`
}
