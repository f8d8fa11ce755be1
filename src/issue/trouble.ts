import { z } from 'zod'

/** What kept the tracking issue from being kept, and what to do about it. */
export function whatToDo(error: unknown, repository: string): string {
  const notKept = `The tracking issue in ${repository} was not kept:`
  if (error instanceof z.ZodError)
    return `${notKept} the answer is not what GitHub's API promises. Check GITHUB_API_URL; the next run tries again.`
  const said = error instanceof Error ? error.message : String(error)
  const status = statusOf(error)
  if (status === 410)
    return `${notKept} issues are turned off there. Turn them on in the repository's settings, or set \`issue: false\`.`
  if (status === 401)
    return `${notKept} GitHub refuses the token (${said}). Leave \`github-token\` at its default, or give it one that is valid.`
  if (isRateLimit(error)) return `${notKept} GitHub's rate limit is used up. The next run tries again.`
  if (status === 403 || status === 404)
    return `${notKept} the token lacks the permission (${said}). Give the job \`permissions:\` with \`issues: write\`, or set \`issue: false\`.`
  return `${notKept} ${said}. The next run tries again.`
}

function isRateLimit(error: unknown): boolean {
  const headers = (error as { response?: { headers?: Record<string, unknown> } }).response?.headers ?? {}
  const status = statusOf(error)
  if (status === 429) return true
  return status === 403 && ('retry-after' in headers || headers['x-ratelimit-remaining'] === '0')
}

/** Whether GitHub refused an issue for who was to be assigned to it. */
export function isAboutAssignees(error: unknown): boolean {
  const data = (error as { response?: { data?: { errors?: unknown } } }).response?.data
  if (statusOf(error) !== 422 || !Array.isArray(data?.errors)) return false
  return data.errors.some((one: { field?: unknown }) => one?.field === 'assignees')
}

/** The HTTP status of Octokit's error; `undefined` for any other. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { status?: unknown }).status
  return typeof status === 'number' ? status : undefined
}
