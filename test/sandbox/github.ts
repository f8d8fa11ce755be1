import type { z } from 'zod'
import { type Comment, type Issue, shownComment, shownIssue } from './github/issue.ts'
import {
  changedIssue,
  type FieldError,
  fieldErrors,
  issueQuery,
  newComment,
  newIssue,
  paging,
} from './github/validate.ts'
import { type Answer, json, type RecordedRequest, SandboxServer } from './server.ts'

export type { Issue } from './github/issue.ts'

export interface GitHubOptions {
  /** Default: `octo/mirror`. */
  readonly repository?: string
  /** Default: `github-token`. */
  readonly token?: string
  /** Who the token is. Default: `github-actions[bot]`, which may not ask `GET /user`. */
  readonly login?: string
  /** Who issues can be assigned to. Default: anyone. */
  readonly assignable?: readonly string[]
}

/** Starts GitHub's REST API, so far as it is about the issues of one repository, on loopback. */
export function startGitHub(options: GitHubOptions = {}): Promise<GitHubSandbox> {
  return new GitHubSandbox(options).listen()
}

export class GitHubSandbox extends SandboxServer {
  readonly repository: string
  readonly token: string
  readonly login: string
  readonly issues: Issue[] = []
  /** Whether the repository has issues turned on. */
  hasIssues = true
  /** The token's right to issues. */
  permission: 'none' | 'read' | 'write' = 'write'
  /** Until then every request is one too many. */
  limitedUntil: Date | undefined
  readonly #assignable: readonly string[] | undefined
  readonly #transferred = new Set<number>()
  #numbers = 0

  constructor(options: GitHubOptions) {
    super()
    this.repository = options.repository ?? 'octo/mirror'
    this.token = options.token ?? 'github-token'
    this.login = options.login ?? 'github-actions[bot]'
    this.#assignable = options.assignable
  }

  /** The API's address, as `GITHUB_API_URL` has it. */
  get url(): string {
    return this.origin
  }

  get apiUrl(): string {
    return this.origin
  }

  /** Puts an issue there as if it had always been there. Default author: another user than the token's. */
  addIssue(issue: { title: string } & Partial<Omit<Issue, 'number' | 'comments'>>): Issue {
    const now = new Date()
    const added: Issue = {
      body: null,
      author: 'someone',
      state: 'open',
      stateReason: null,
      closedBy: null,
      labels: [],
      assignees: [],
      locked: false,
      isPullRequest: false,
      createdAt: now,
      updatedAt: now,
      ...issue,
      number: ++this.#numbers,
      comments: [],
    }
    this.issues.push(added)
    return added
  }

  /** Moves an issue to another repository: who asks for it is sent there. */
  transferIssue(number: number): void {
    this.issues.splice(this.issues.indexOf(this.#issue(number)), 1)
    this.#transferred.add(number)
  }

  /** What a person does in the browser. */
  closeIssue(number: number, as: 'completed' | 'not_planned', by = 'alice'): void {
    Object.assign(this.#issue(number), { state: 'closed', stateReason: as, closedBy: by })
  }

  protected override answer(request: RecordedRequest): Answer {
    const refused = this.#refuse(request)
    if (refused !== undefined) return refused
    try {
      return this.#route(request)
    } catch (error) {
      if (error instanceof Refused) return error.answer
      throw error
    }
  }

  #refuse({ headers }: RecordedRequest): Answer | undefined {
    if (headers.authorization === undefined) return failure(401, 'Requires authentication')
    if (!/^(token|bearer) /i.test(headers.authorization) || !headers.authorization.endsWith(` ${this.token}`))
      return failure(401, 'Bad credentials')
    if (this.limitedUntil === undefined || this.limitedUntil.getTime() <= Date.now()) return undefined
    return failure(403, 'API rate limit exceeded for installation ID 1.', {
      'x-ratelimit-limit': '1000',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.ceil(this.limitedUntil.getTime() / 1000)),
    })
  }

  #route(request: RecordedRequest): Answer {
    const { method, path } = request
    if (path === '/user' && method === 'GET') return this.#user()
    if (path === '/graphql' && method === 'POST') return this.#graphql(request)
    const prefix = `/repos/${this.repository}/issues`
    if (!path.toLowerCase().startsWith(prefix.toLowerCase())) return failure(404, 'Not Found')
    this.#needIssues(method)
    const [number, sub, ...more] = path.slice(prefix.length + 1).split('/')
    if (more.length > 0 || (sub !== undefined && sub !== 'comments')) return failure(404, 'Not Found')
    const issue = number === '' ? undefined : this.#issue(Number(number))
    switch (`${method} ${issue === undefined ? 'issues' : (sub ?? 'issue')}`) {
      case 'GET issues':
        return this.#list(request)
      case 'POST issues':
        return this.#create(request)
      case 'GET issue':
        return json(200, this.#shown(issue as Issue))
      case 'PATCH issue':
        return this.#update(request, issue as Issue)
      case 'GET comments':
        return this.#page(
          request,
          read(paging, asObject(request.query), 'IssueComment'),
          (issue as Issue).comments.map(shownComment),
        )
      case 'POST comments':
        return this.#comment(request, issue as Issue)
      default:
        return failure(404, 'Not Found')
    }
  }

  #user(): Answer {
    return this.login.endsWith('[bot]') ? failure(403, notForIntegrations) : json(200, { login: this.login })
  }

  #graphql({ body }: RecordedRequest): Answer {
    const { query } = JSON.parse(body) as { query: string }
    if (/^\s*(query)?\s*\{\s*viewer\s*\{\s*login\s*\}\s*\}\s*$/.test(query))
      return json(200, { data: { viewer: { login: this.login } } })
    return json(200, { errors: [{ message: `the sandbox does not know this query: ${query}` }] })
  }

  #needIssues(method: string): void {
    if (!this.hasIssues) throw new Refused(failure(410, 'Issues are disabled for this repo'))
    if (this.permission === 'none' || (this.permission === 'read' && method !== 'GET'))
      throw new Refused(failure(403, notForIntegrations))
  }

  #issue(number: number): Issue {
    if (this.#transferred.has(number)) throw new Refused(this.#moved(number))
    const issue = this.issues.find((one) => one.number === number)
    if (issue === undefined) throw new Refused(failure(404, 'Not Found'))
    return issue
  }

  #moved(number: number): Answer {
    const url = `${this.origin}/repositories/2/issues/${number}`
    return json(301, { message: 'Moved Permanently', url, documentation_url: docs }, { location: url })
  }

  #list(request: RecordedRequest): Answer {
    const query = read(issueQuery, asObject(request.query), 'Issue')
    const labels = query.labels?.split(',') ?? []
    const by = { created: 'createdAt', updated: 'updatedAt', comments: 'comments' } as const
    const rank = (issue: Issue) => {
      const value = issue[by[query.sort]]
      return value instanceof Date ? value.getTime() : value.length
    }
    const found = this.issues
      .filter(
        ({ state, author, labels: own }) =>
          (query.state === 'all' || state === query.state) &&
          (query.creator === undefined || author === query.creator) &&
          labels.every((label) => own.includes(label)),
      )
      .sort((a, b) => (rank(a) - rank(b) || a.number - b.number) * (query.direction === 'asc' ? 1 : -1))
    return this.#page(
      request,
      query,
      found.map((issue) => this.#shown(issue)),
    )
  }

  #page(request: RecordedRequest, wanted: z.output<typeof paging>, all: readonly object[]): Answer {
    const { page, per_page: size } = wanted
    const last = Math.max(1, Math.ceil(all.length / size))
    const link = (to: number, rel: string) => {
      const query = new URLSearchParams(request.query)
      query.set('page', String(to))
      return `<${this.origin}${request.path}?${query}>; rel="${rel}"`
    }
    const links = [
      ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
      ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
    ]
    const headers = links.length === 0 ? {} : { link: links.join(', ') }
    return json(200, all.slice((page - 1) * size, page * size), headers)
  }

  #create(request: RecordedRequest): Answer {
    const { assignees = [], ...wanted } = read(newIssue, JSON.parse(request.body), 'Issue')
    this.#checkAssignees(assignees)
    const { title, body = null, labels = [] } = wanted
    const issue = this.addIssue({ title, body, labels, assignees, author: this.login })
    return json(201, this.#shown(issue))
  }

  #update(request: RecordedRequest, issue: Issue): Answer {
    const { state_reason, ...changes } = read(changedIssue, JSON.parse(request.body), 'Issue')
    this.#checkAssignees(changes.assignees ?? [])
    const stateReason = changes.state === 'closed' ? (state_reason ?? 'completed') : null
    const closedBy = changes.state === 'closed' ? this.login : null
    const closing = changes.state !== undefined && { stateReason, closedBy }
    Object.assign(issue, changes, closing, { updatedAt: new Date() })
    return json(200, this.#shown(issue))
  }

  #comment(request: RecordedRequest, issue: Issue): Answer {
    const { body } = read(newComment, JSON.parse(request.body), 'IssueComment')
    if (issue.locked) return failure(403, 'Unable to create comment because issue is locked.')
    const comment: Comment = {
      id: issue.number * 1000 + issue.comments.length,
      author: this.login,
      body,
      createdAt: new Date(),
    }
    issue.comments.push(comment)
    return json(201, shownComment(comment))
  }

  #checkAssignees(assignees: readonly string[]): void {
    if (assignees.every((one) => this.#assignable?.includes(one) ?? true)) return
    throw new Refused(invalid([{ resource: 'Issue', field: 'assignees', code: 'invalid' }]))
  }

  #shown(issue: Issue): object {
    return shownIssue(issue, `${this.origin}/repos/${this.repository}`)
  }
}

const docs = 'https://docs.github.com/rest'
const notForIntegrations = 'Resource not accessible by integration'

class Refused extends Error {
  override name = 'Refused'
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`status ${answer.status}`)
    this.answer = answer
  }
}

function failure(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return json(status, { message, documentation_url: docs, status: `${status}` }, headers)
}

function invalid(errors: readonly FieldError[]): Answer {
  return json(422, { message: 'Validation Failed', errors, status: '422' })
}

function read<T>(schema: z.ZodType<T>, value: unknown, resource: FieldError['resource']): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new Refused(invalid(fieldErrors(result.error, resource)))
}

function asObject(query: URLSearchParams): object {
  return Object.fromEntries(query)
}
