import { errors as undiciErrors } from 'undici'
import { DeadlineError, NoAnswerError, RequestError } from '../errors.ts'
import type { Secrets } from '../secrets/secrets.ts'
import type { Deadline } from './deadline.ts'
import type { Request } from './request.ts'

export function facts(wanted: Request): { method: string; url: string } {
  const { protocol, host, pathname, search } = wanted.url
  const server = wanted.socket === undefined ? `${protocol}//${host}` : `unix:${wanted.socket}`
  return { method: wanted.method, url: wanted.shownUrl ?? `${server}${pathname}${search}` }
}

/** What a request goes through, and what its failures must not show. */
export interface Through {
  readonly proxy: URL | undefined
  readonly secrets: Secrets
}

export function translate(
  error: unknown,
  wanted: Request,
  { proxy, secrets }: Through,
  deadline?: Deadline,
): unknown {
  if (error instanceof RequestError) return error
  if (wanted.signal.aborted) return wanted.signal.reason
  // Only the origin of the proxy, which has no credentials.
  const shown = { ...facts(wanted), proxy: proxy?.origin }
  if (
    deadline?.hasPassed === true ||
    error instanceof undiciErrors.HeadersTimeoutError ||
    error instanceof undiciErrors.BodyTimeoutError
  ) {
    return new DeadlineError({ ...shown, waitedMs: wanted.deadline })
  }
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (typeof code !== 'string') return error
  return new NoAnswerError({ ...shown, code, detail: secrets.redact(String(message || code)) }, error)
}
