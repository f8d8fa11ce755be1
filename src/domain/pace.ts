/** What may go ahead of an even pace, so that a timer or a turn of the event loop that comes late costs nothing. */
const most = { burst: 5, burstMs: 100 }

/** Lets one go every so often, evenly: given the time, says when the next may. It reads no clock. */
export class Pace {
  readonly #interval: number
  /** How far before its time one may go: what a burst of a few, and never more than a tenth of a second's, takes. */
  readonly #ahead: number
  /** When the next one is due. */
  #due = Number.NEGATIVE_INFINITY

  constructor(perSecond: number) {
    this.#interval = 1000 / perSecond
    this.#ahead = (burstOf(perSecond) - 1) * this.#interval
  }

  /** How long the next one has to wait, ms; 0 where it may go. */
  wait(now: number): number {
    return Math.max(0, this.#due - this.#ahead - now)
  }

  /** One goes now. */
  go(now: number): void {
    this.#due = Math.max(this.#due, now) + this.#interval
  }
}

function burstOf(perSecond: number): number {
  return Math.max(1, Math.min(most.burst, (perSecond * most.burstMs) / 1000))
}

/** More at once are not asked of any service. */
export const mostInFlight = 256

/**
 * How many are worth having in flight, so that the rate is the limit at this latency: those that are on their way, and
 * the few that the next burst takes.
 */
export function worthInFlight(perSecond: number, latencyMs: number): number {
  const onTheirWay = (perSecond * latencyMs) / 1000
  return Math.max(1, Math.min(mostInFlight, Math.ceil(onTheirWay + burstOf(perSecond))))
}

/** What a latency was taken to be, with one more measured: of the last eight or so, as TCP does it. */
export function smoothed(latencyMs: number | undefined, measuredMs: number): number {
  return latencyMs === undefined ? measuredMs : latencyMs + (measuredMs - latencyMs) / 8
}
