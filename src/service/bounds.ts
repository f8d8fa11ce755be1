/** The dates whose year has four digits: services read no others, and JavaScript writes others in another form. */
const first = Date.parse('0000-01-01T00:00:00Z')
const last = Date.parse('9999-12-31T23:59:59Z')

/**
 * Writes a bound of a list as a parameter of the query. A whole second is written without a fraction, as some
 * services take no other form. `undefined` where there is no bound, or where nothing can lie beyond it.
 */
export function writeBound(name: 'after' | 'before', instant: number | null): string | undefined {
  if (instant === null || (name === 'after' ? instant < first : instant > last)) return undefined
  const date = new Date(Math.min(last, Math.max(first, instant)))
  return `${name}=${date.toISOString().replace('.000Z', 'Z')}`
}
