import { z } from 'zod'

/** What GitHub says is wrong with one field of a request. */
export interface FieldError {
  readonly resource: 'Issue' | 'IssueComment'
  readonly field: string
  readonly code: string
  readonly message?: string
}

const longestBody = 65_536
const body = z.string().max(longestBody, `body is too long (maximum is ${longestBody} characters)`)
const title = z.string().min(1).max(256)
const names = z.array(z.string().min(1))

/** Stricter than GitHub, which overlooks fields that it does not know: a test should not. */
export const newIssue = z.strictObject({
  title,
  body: body.optional(),
  labels: names.optional(),
  assignees: names.optional(),
})

export const changedIssue = z.strictObject({
  title: title.optional(),
  body: body.nullable().optional(),
  state: z.enum(['open', 'closed']).optional(),
  state_reason: z.enum(['completed', 'not_planned', 'duplicate', 'reopened']).nullable().optional(),
  labels: names.optional(),
  assignees: names.optional(),
})

export const newComment = z.strictObject({ body: body.min(1) })

const pageNumber = z.coerce.number().int().min(1)

export const paging = z.strictObject({
  per_page: pageNumber.max(100).default(30),
  page: pageNumber.default(1),
})

export const issueQuery = paging.extend({
  state: z.enum(['open', 'closed', 'all']).default('open'),
  creator: z.string().optional(),
  labels: z.string().optional(),
  sort: z.enum(['created', 'updated', 'comments']).default('created'),
  direction: z.enum(['asc', 'desc']).default('desc'),
})

export function fieldErrors(error: z.ZodError, resource: FieldError['resource']): FieldError[] {
  return error.issues.map(({ code, path, message }) => ({
    resource,
    field: path.join('.'),
    code: code === 'too_big' ? 'custom' : 'invalid',
    message,
  }))
}
