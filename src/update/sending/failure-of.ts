import { type Failure, meaningOf } from '../../domain/sending.ts'
import { BadAnswerError, DeadlineError, NoAnswerError, ServiceError } from '../../errors.ts'

/** `undefined` for what is no answer of the service, such as a signal's reason or a full disk. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof ServiceError)
    return { kind: 'status', status: error.status, isInTheApisWords: error.reason !== '' }
  if (error instanceof NoAnswerError) return { kind: 'no-answer', code: error.code }
  if (error instanceof DeadlineError || error instanceof BadAnswerError) return { kind: 'unreadable' }
  return undefined
}

/** Whether no other question would fare better: it is the whole service's, or not the service's at all. */
export function isOfMoreThanOne(error: unknown): boolean {
  const failure = failureOf(error)
  if (failure === undefined) return true
  const meaning = meaningOf(failure)
  return meaning === 'takes-nothing' || meaning === 'not-sent'
}
