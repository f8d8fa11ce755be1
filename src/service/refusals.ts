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

/** Whether an answer may mean that the service does not understand what it was asked, as it does not say so itself. */
export function isRefusalOfForm(error: unknown): boolean {
  if (error instanceof BadAnswerError) return true
  if (!(error instanceof ServiceError)) return false
  return error.status === 400 || error.status === 422 || error.status >= 500
}

/** In the API's own form: another 404 is of a path that is not there. */
export function isEmptyList(error: unknown): boolean {
  return error instanceof ServiceError && error.status === 404 && error.reason !== ''
}

/** A service may say anything, and what it says is kept and shown. */
const words = z.string().transform(cutReason)
const failure = z.object({ error: z.object({ reason: words, details: words.catch('') }) })

/** The service's own words for a refusal; bodies that are not JSON happen, and are quoted as they are. */
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
