import { describe, expect, test } from 'vitest'
import { type GitHubSandbox, startGitHub } from './github.ts'

// Whatever the answer is: the tests say what they expect of it.
const read = async (response: Response) => JSON.parse(await response.text())

async function ask(github: GitHubSandbox, path: string, init: RequestInit & { token?: string } = {}) {
  const { token = github.token, ...rest } = init
  const headers: Record<string, string> = token === '' ? {} : { authorization: `token ${token}` }
  const response = await fetch(github.apiUrl + path, { ...rest, headers })
  return { status: response.status, link: response.headers.get('link'), body: await read(response) }
}

const issues = '/repos/octo/mirror/issues'
const send = (method: string, body: object): RequestInit => ({ method, body: JSON.stringify(body) })

describe('issues', () => {
  test('are opened, changed, commented on and closed', async () => {
    await using github = await startGitHub()
    const opened = await ask(github, issues, send('POST', { title: 'A', body: 'one', labels: ['mirror'] }))
    expect(opened).toMatchObject({
      status: 201,
      body: {
        number: 1,
        state: 'open',
        user: { login: 'github-actions[bot]' },
        labels: [{ name: 'mirror' }],
      },
    })
    await ask(
      github,
      `${issues}/1`,
      send('PATCH', { body: 'two', state: 'closed', state_reason: 'completed' }),
    )
    expect((await ask(github, `${issues}/1/comments`, send('POST', { body: 'done' }))).status).toBe(201)
    expect(github.issues).toMatchObject([
      { number: 1, body: 'two', state: 'closed', stateReason: 'completed', comments: [{ body: 'done' }] },
    ])
    expect((await ask(github, `${issues}/1/comments`)).body).toMatchObject([{ body: 'done' }])
    expect((await ask(github, `${issues}/2`)).status).toBe(404)
  })

  test('are listed by state, creator and label, page by page', async () => {
    await using github = await startGitHub()
    for (let issue = 1; issue <= 5; issue++)
      github.addIssue({ title: `${issue}`, author: github.login, labels: issue % 2 === 0 ? ['even'] : [] })
    github.addIssue({ title: 'closed', author: github.login, state: 'closed' })
    github.addIssue({ title: 'foreign' })
    const numbers = async (query: string) => {
      const { body } = await ask(github, `${issues}?${query}`)
      return body.map(({ number }: { number: number }) => number)
    }
    const bot = `creator=${encodeURIComponent(github.login)}`
    expect(await numbers(bot)).toEqual([5, 4, 3, 2, 1])
    expect(await numbers(`${bot}&state=all&direction=asc`)).toEqual([1, 2, 3, 4, 5, 6])
    expect(await numbers('labels=even')).toEqual([4, 2])
    expect(await numbers(`${bot}&per_page=2&page=3`)).toEqual([1])
    const { link } = await ask(github, `${issues}?per_page=2&page=2`)
    expect(link).toContain(`<${github.apiUrl}${issues}?per_page=2&page=3>; rel="next"`)
    expect((await ask(github, `${issues}?per_page=2&page=3`)).link).not.toContain('next')
  })

  test('take bodies of 65,536 characters and no fields that do not exist', async () => {
    await using github = await startGitHub({ assignable: ['someone'] })
    const status = async (issue: object) => (await ask(github, issues, send('POST', issue))).status
    expect(await status({ title: 'A', body: 'x'.repeat(65_536) })).toBe(201)
    expect(await status({ title: 'A', body: 'x'.repeat(65_537) })).toBe(422)
    expect(await status({ title: 'A', text: 'x' })).toBe(422)
    expect(await status({ body: 'x' })).toBe(422)
    expect(await status({ title: 'A', assignees: ['someone'] })).toBe(201)
    expect(await ask(github, issues, send('POST', { title: 'A', assignees: ['nobody'] }))).toMatchObject({
      status: 422,
      body: { errors: [{ resource: 'Issue', field: 'assignees', code: 'invalid' }] },
    })
    expect(github.issues).toHaveLength(2)
  })
})

describe('a token', () => {
  test('is needed', async () => {
    await using github = await startGitHub()
    expect(await ask(github, issues, { token: '' })).toMatchObject({ status: 401 })
    expect(await ask(github, issues, { token: 'x' })).toMatchObject({ body: { message: 'Bad credentials' } })
  })

  test('is asked who it is', async () => {
    await using github = await startGitHub()
    const viewer = send('POST', { query: 'query { viewer { login } }' })
    expect((await ask(github, '/graphql', viewer)).body).toEqual({
      data: { viewer: { login: github.login } },
    })
    expect((await ask(github, '/user')).status).toBe(403)
    await using person = await startGitHub({ login: 'octocat' })
    expect((await ask(person, '/user')).body).toEqual({ login: 'octocat' })
  })

  test('may do what the repository and its rights allow', async () => {
    await using github = await startGitHub()
    const write = () => ask(github, issues, send('POST', { title: 'A' }))
    github.permission = 'read'
    const refused = { status: 403, body: { message: 'Resource not accessible by integration' } }
    expect(await write()).toMatchObject(refused)
    expect((await ask(github, issues)).status).toBe(200)
    github.permission = 'none'
    expect(await ask(github, issues)).toMatchObject(refused)
    github.hasIssues = false
    expect((await write()).status).toBe(410)
    github.limitedUntil = new Date(Date.now() + 60_000)
    expect((await ask(github, issues)).body.message).toMatch(/rate limit/)
  })
})
