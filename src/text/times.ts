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
  return `by ${clock(Math.ceil((now + ms) / minute) * minute, now)}`
}

/** `19:49 UTC`, and with its day where that is not the day of `now`. Both are ms since the epoch. */
function clock(at: number, now: number): string {
  const [day = '', time = ''] = new Date(at).toISOString().split('T')
  const isToday = new Date(now).toISOString().startsWith(day)
  const shown = new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
  return `${isToday ? '' : `${shown}, `}${time.slice(0, 5)} UTC`
}
