import prettyMs from 'pretty-ms'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** An RFC 3339 instant to the minute, in UTC: `25 Nov 2026, 19:33`. */
export function dayAndTime(instant: string): string {
  const time = Date.parse(instant)
  return Number.isNaN(time) ? '?' : `${day(time)}, ${clock(time)}`
}

/** When something will be, as said at another instant: without the day where that is the same. */
export function timeSeenFrom(instant: string, now: string): string {
  const [time, seenFrom] = [Date.parse(instant), Date.parse(now)]
  if (Number.isNaN(time) || Number.isNaN(seenFrom)) return 'a time unknown'
  return day(time) === day(seenFrom) ? clock(time) : `${clock(time)} on ${day(time).replace(/ \d+$/, '')}`
}

/** How long it took from one instant to the other: `20 s`, `3 min 4 s`. */
export function duration(from: string, to: string): string {
  const took = Math.max(0, Date.parse(to) - Date.parse(from))
  if (Number.isNaN(took)) return '?'
  if (took < 1000) return `${(took / 1000).toFixed(1)} s`
  const units = { m: ' min', h: ' h', s: ' s', d: ' d', y: ' y' } as const
  return prettyMs(took, { unitCount: 2, secondsDecimalDigits: took < 10_000 ? 1 : 0 }).replaceAll(
    /(\d)([a-z]+)/g,
    (whole, digit, unit) => (unit in units ? digit + units[unit as keyof typeof units] : whole),
  )
}

function day(time: number): string {
  const date = new Date(time)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 16)
}
