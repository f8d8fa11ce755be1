/** `12,345` */
export function number(value: number): string {
  return value.toLocaleString('en-US')
}

/** `1 CID`, `12,345 CIDs` */
export function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB']

/** `1.2 TB`, in powers of 1000 */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0]
  // What would be rounded to 1000 is 1.0 of the next.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}
