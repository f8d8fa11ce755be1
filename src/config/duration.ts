const units = { s: 1_000, m: 60_000, h: 3_600_000 }

// Node's timers fire at once when asked to wait 2^31 ms or more, which is 24.9 days.
const longest = 24 * 24 * units.h

/** A duration such as `30s`, `2m` or `5h`, in ms; `undefined` for anything else, for none at all, and over 24 days. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d+)([smh])$/.exec(text) ?? []
  const ms = Number(number) * units[unit as keyof typeof units]
  return ms > 0 && ms <= longest ? ms : undefined
}
