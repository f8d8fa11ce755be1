import { number } from '../text/numbers.ts'

/** The first few, and how many more there are. */
export function someOf<T>(
  items: readonly T[],
  upTo: number,
  show: (item: T) => string,
  between = ', ',
): string {
  const left = items.length - upTo
  const shown = items.slice(0, upTo).map(show)
  return [...shown, ...(left > 0 ? [`and ${number(left)} more`] : [])].join(between)
}
