import { DeadlineError, NoAnswerError, StatusError } from '../errors.ts'
import type { Request } from './request.ts'

/**
 * Statuses after which the same request may go well a little later. 500 is not among them: with Kubo it is an answer.
 */
const passingStatuses = new Set([408, 425, 429, 502, 503, 504])

export function asksForRest(error: unknown): error is StatusError {
  return error instanceof StatusError && (error.status === 429 || error.retryAfterMs !== undefined)
}

export function isRefusedForRate({ status, retryAfterMs }: StatusError, { alsoLimits }: Request): boolean {
  return status === 429 || (status === alsoLimits && retryAfterMs !== undefined)
}

export function mayPass(error: unknown, wanted: Request): boolean {
  if (error instanceof NoAnswerError || error instanceof DeadlineError) return true
  if (!(error instanceof StatusError)) return false
  return passingStatuses.has(error.status) || error.status === wanted.alsoPasses
}

const longestWait = 10 * 60_000
const bounded = (ms: number) => Math.min(longestWait, Math.max(0, ms))

/** What the server asks to wait, in ms: `Retry-After` in seconds or as a date, else `X-RateLimit-Reset`. */
export function retryAfter(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: number,
): number | undefined {
  const after = headers['retry-after']
  if (typeof after === 'string') {
    const wait = /^\d+$/.test(after.trim()) ? Number(after) * 1000 : Date.parse(after) - now
    if (Number.isFinite(wait)) return bounded(wait)
  }
  const reset = headers['x-ratelimit-reset']
  if (typeof reset === 'string' && /^\d+$/.test(reset.trim()) && headers['x-ratelimit-remaining'] === '0') {
    const value = Number(reset)
    // Services write it as seconds from now, as seconds since the epoch, or as milliseconds since the epoch.
    if (value > 1e12) return bounded(value - now)
    return bounded(value > 1e9 ? value * 1000 - now : value * 1000)
  }
  return undefined
}
