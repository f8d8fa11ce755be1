/** An issue, or a pull request where it says so, as the sandbox keeps it. */
export interface Issue {
  readonly number: number
  readonly author: string
  title: string
  body: string | null
  state: 'open' | 'closed'
  stateReason: string | null
  /** Who closed it; `null` while it is open. */
  closedBy: string | null
  labels: readonly string[]
  assignees: readonly string[]
  locked: boolean
  readonly isPullRequest: boolean
  readonly comments: Comment[]
  readonly createdAt: Date
  updatedAt: Date
}

export interface Comment {
  readonly id: number
  readonly author: string
  readonly body: string
  readonly createdAt: Date
}

const userOf = (login: string) => ({ login, type: login.endsWith('[bot]') ? 'Bot' : 'User' })

/** @param repositoryUrl the repository's address in the API */
export function shownIssue(issue: Issue, repositoryUrl: string): object {
  const url = `${repositoryUrl}/issues/${issue.number}`
  return {
    id: 1_000_000 + issue.number,
    url,
    repository_url: repositoryUrl,
    html_url: url,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    state_reason: issue.stateReason,
    closed_by: issue.closedBy === null ? null : userOf(issue.closedBy),
    user: userOf(issue.author),
    labels: issue.labels.map((name) => ({ name })),
    assignees: issue.assignees.map(userOf),
    locked: issue.locked,
    comments: issue.comments.length,
    created_at: issue.createdAt.toISOString(),
    updated_at: issue.updatedAt.toISOString(),
    ...(issue.isPullRequest && { pull_request: { url: `${repositoryUrl}/pulls/${issue.number}` } }),
  }
}

export function shownComment(comment: Comment): object {
  const { id, author, body, createdAt } = comment
  return { id, body, user: userOf(author), created_at: createdAt.toISOString() }
}
