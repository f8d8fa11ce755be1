import { z } from 'zod'
import { BadAnswerError, ServiceError, type StatusError } from '../errors.ts'
import { cutReason } from './answers.ts'

/** A refusal with the service’s own words, and what to do about it. */
export function refusalOf(error: StatusError): ServiceError {
  const { reason, details } = readFailure(error.body)
  const words = [reason, details].filter((word) => word !== '').join(': ')
  const said = `${error.method} ${error.url}: status ${error.status}${words === '' ? '' : `, ${words}`}`
  const advice = adviceFor(error.status, reason)
  const message = advice === undefined ? said : `${advice} (${said})`
  return new ServiceError({ status: error.status, reason, details, message }, error)
}

/**
 * Whether an answer may mean that the service does not understand the form of a request. Services do not say so
 * clearly.
 */
export function isRefusalOfForm(error: unknown): boolean {
  if (error instanceof BadAnswerError) return true
  if (!(error instanceof ServiceError)) return false
  return error.status === 400 || error.status === 422 || error.status >= 500
}

/**
 * Whether it is a 404 in the API's own form, which some services give for an empty list. Any other 404 means that the
 * path is wrong.
 */
export function isEmptyList(error: unknown): boolean {
  return error instanceof ServiceError && error.status === 404 && error.reason !== ''
}

/** Cut, since a service may say anything, and its words are stored and shown. */
const words = z.string().transform(cutReason)
const failure = z.object({ error: z.object({ reason: words, details: words.catch('') }) })

/** The service's own words for a refusal. Some bodies are not JSON; their beginning is quoted as it is. */
function readFailure(body: string): { reason: string; details: string } {
  try {
    return failure.parse(JSON.parse(body)).error
  } catch {
    return { reason: '', details: body.trim().slice(0, 300) }
  }
}

function adviceFor(status: number, reason: string): string | undefined {
  if (status === 401) return 'the service does not accept this bucket’s token: check its line in `buckets`'
  if (status === 403)
    return 'the service does not let this token use its Pinning Service API: check the plan and the token’s rights'
  if (status === 402 || reason === 'INSUFFICIENT_FUNDS')
    return 'the service says that the funds do not suffice'
  if (status >= 300 && status < 400)
    return 'the endpoint redirects, and no redirect is followed with a token: check `endpoint`'
  if (status === 404) return 'nothing was found there: check `endpoint`'
  return undefined
}
