import prettyMs from 'pretty-ms'

/** How long, as people say it: `850ms`, `20s`, `1m 30s`, `5h`. */
export function duration(ms: number): string {
  const rounded = ms < 10_000 ? ms : Math.round(ms / 1000) * 1000
  return prettyMs(Math.max(0, rounded), { unitCount: 2, secondsDecimalDigits: rounded < 10_000 ? 1 : 0 })
}

const minute = 60_000

/** When it is that many ms from now: `within 12s`, `by 19:49 UTC`. @param now ms since the epoch */
export function withinOrBy(ms: number, now: number): string {
  if (ms < minute) return `within ${duration(Math.ceil(Math.max(1, ms) / 1000) * 1000)}`
  return `by ${clockFrom(Math.ceil((now + ms) / minute) * minute, now)}`
}

/** `19:49 UTC`, and with its day where that is not the day of `now`. Both are ms since the epoch. */
function clockFrom(at: number, now: number): string {
  return `${day(at) === day(now) ? '' : `${dayOfMonth(at)}, `}${clock(at)} UTC`
}

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
  return day(time) === day(seenFrom) ? clock(time) : `${clock(time)} on ${dayOfMonth(time)}`
}

/** How long it took from one instant to the other: `20 s`, `3 min 4 s`. */
export function took(from: string, to: string): string {
  const ms = Math.max(0, Date.parse(to) - Date.parse(from))
  if (Number.isNaN(ms)) return '?'
  if (ms < 1000) return `${(ms / 1000).toFixed(1)} s`
  const units = { m: ' min', h: ' h', s: ' s', d: ' d', y: ' y' } as const
  return prettyMs(ms, { unitCount: 2, secondsDecimalDigits: ms < 10_000 ? 1 : 0 }).replaceAll(
    /(\d)([a-z]+)/g,
    (whole, digit, unit) => (unit in units ? digit + units[unit as keyof typeof units] : whole),
  )
}

function day(time: number): string {
  return `${dayOfMonth(time)} ${new Date(time).getUTCFullYear()}`
}

function dayOfMonth(time: number): string {
  const date = new Date(time)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]}`
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 16)
}
