import { count, number } from '../numbers.ts'
import { duration } from '../times.ts'

/** So many that are not connected are named. */
const mostNamed = 5

/** `Connected to 2 of 3 delegates. Not to 12D3Koo…: …`; `null` where there are none. */
export function connectedLine(
  delegates: readonly {
    readonly peerId: string
    readonly connected: boolean
    readonly reason: string | null
  }[],
): string | null {
  if (delegates.length === 0) return null
  const others = delegates.filter(({ connected }) => !connected)
  const all = `Connected to ${number(delegates.length - others.length)} of ${count(delegates.length, 'delegate')}`
  const named = others.slice(0, mostNamed).map(({ peerId, reason }) => `${peerId} (${reason})`)
  const rest = others.length - named.length
  if (rest > 0) named.push(`${number(rest)} more`)
  return others.length === 0 ? all : `${all}. Not to ${named.join(', ')}`
}

/** A dial that has ended, for who looks for a fault. */
export function dialLine({
  peerId,
  took,
  reason,
}: {
  readonly peerId: string
  readonly took: number
  readonly reason: string | null
}): string {
  return `dial of ${peerId}: ${reason === null ? 'connected' : `in vain (${reason})`}, ${duration(Math.round(took))}`
}
