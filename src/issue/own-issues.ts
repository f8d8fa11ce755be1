import { z } from 'zod'
import { type GitHub, isMovedForGood } from './github.ts'
import { statusOf } from './trouble.ts'

export interface Repository {
  readonly owner: string
  readonly repo: string
}

export interface Issue {
  readonly number: number
  readonly body: string
  readonly isOpen: boolean
  readonly isLocked: boolean
  /** A person closed it as not planned. */
  readonly isDismissed: boolean
}

const perPage = 100
/** A tenth of the requests that a GITHUB_TOKEN has an hour. */
const mostPages = 100

/** Who the token is, as issues name their author: `github-actions[bot]`. Installation tokens may not ask `GET /user`. */
export async function loginOf(github: GitHub): Promise<string> {
  try {
    const answer = await github.graphql('query { viewer { login } }')
    return viewerSchema.parse(answer).viewer.login
  } catch (error) {
    if (statusOf(error) === 401) throw error
    const { data } = await github.rest.users.getAuthenticated()
    return userSchema.parse(data).login
  }
}

/** The issues with a line that is a marker, and whose author is `login`: one who copies the marker does not get in. */
export class OwnIssues {
  readonly #github: GitHub
  readonly #repository: Repository
  readonly #marker: string
  readonly #login: string

  constructor(github: GitHub, repository: Repository, marker: string, login: string) {
    this.#github = github
    this.#repository = repository
    this.#marker = marker
    this.#login = login
  }

  /** `undefined` where it is gone, or no longer one of these. */
  async get(number: number): Promise<Issue | undefined> {
    try {
      const { data } = await this.#github.rest.issues.get({ ...this.#repository, issue_number: number })
      const issue = issueSchema.parse(data)
      // GitHub forwards to where an issue was moved, which may be another repository.
      return issue.number === number && this.#isOwn(issue) ? shape(issue) : undefined
    } catch (error) {
      const status = statusOf(error)
      // Moved for good: it was transferred to another repository.
      if (status === 404 || status === 410 || isMovedForGood(error as Error)) return undefined
      throw error
    }
  }

  /** All of them, open and closed, the oldest first. */
  async list(): Promise<Issue[]> {
    const own: Issue[] = []
    // Pages are counted here: following `Link` would take the token wherever it leads.
    for (let page = 1; page <= mostPages; page++) {
      const { data } = await this.#github.rest.issues.listForRepo({
        ...this.#repository,
        state: 'all',
        creator: this.#login,
        sort: 'created',
        direction: 'desc',
        per_page: perPage,
        page,
      })
      const issues = z.array(issueSchema).parse(data)
      for (const issue of issues) if (this.#isOwn(issue)) own.push(shape(issue))
      if (issues.length < perPage) break
    }
    return own.sort((a, b) => a.number - b.number)
  }

  #isOwn(issue: ShownIssue): boolean {
    const here = `/repos/${this.#repository.owner}/${this.#repository.repo}`.toLowerCase()
    return (
      issue.repository_url.toLowerCase().endsWith(here) &&
      issue.pull_request === undefined &&
      issue.user?.login === this.#login &&
      // People write above it, too.
      (issue.body ?? '').split(/\r?\n/).includes(this.#marker)
    )
  }
}

const viewerSchema = z.object({ viewer: z.object({ login: z.string() }) })
const userSchema = z.object({ login: z.string() })
const issueSchema = z.object({
  number: z.int().min(1),
  body: z.string().nullish(),
  state: z.string(),
  state_reason: z.string().nullish(),
  closed_by: z.object({ type: z.string() }).nullish(),
  locked: z.boolean().optional(),
  pull_request: z.unknown().optional(),
  repository_url: z.string(),
  user: z.object({ login: z.string() }).nullable(),
})

type ShownIssue = z.infer<typeof issueSchema>

function shape(issue: ShownIssue): Issue {
  const isOpen = issue.state === 'open'
  return {
    number: issue.number,
    body: issue.body ?? '',
    isOpen,
    isLocked: issue.locked === true,
    // Programs that close what is stale say the same.
    isDismissed: !isOpen && issue.state_reason === 'not_planned' && issue.closed_by?.type !== 'Bot',
  }
}
