import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mirrorId } from '../../../src/domain/mirror.ts'
import { Http } from '../../../src/http/http.ts'
import { markerOf } from '../../../src/issue/body.ts'
import type { Tracked } from '../../../src/issue/tracked.ts'
import { type Tracking, trackIssue } from '../../../src/issue/tracker.ts'
import { type GitHubSandbox, type Issue, startGitHub } from '../../sandbox/github.ts'
import { knownDelegate, tracked, unknownDelegate } from '../report/samples.ts'
import { failing, several, stateOf } from './states.ts'

const endpoint = new URL('https://api.filebase.io/v1/ipfs')
const marker = markerOf(mirrorId('ipfs-pin-mirror', endpoint))
const bot = 'github-actions[bot]'
const stateWith = (...indexes: number[]) => stateOf(indexes.map((index) => failing(index)))
/** The same, with the last of them new. */
const stateWithNew = (...indexes: number[]) =>
  stateOf(
    indexes.map((index) => failing(index, index === indexes.at(-1) ? { since: Date.now() + 1000 } : {})),
  )
const two: Tracked = { ...stateWith(1, 2), knownDelegates: [knownDelegate] }
const nothing = tracked({ knownDelegates: [knownDelegate] })
let runs = 0

let github: GitHubSandbox
let http: Http
beforeEach(async () => {
  github = await startGitHub()
  http = new Http('test')
})
afterEach(async () => {
  await http.close()
  await github.stop()
})

function configOf(over: object = {}) {
  return {
    cacheKey: 'ipfs-pin-mirror',
    endpoint,
    issueLabels: ['ipfs-pin-mirror'],
    issueAssignees: [],
    githubToken: github.token,
    github: {
      repository: github.repository as string | undefined,
      apiUrl: github.apiUrl,
      serverUrl: 'https://github.com',
      runId: String(++runs),
      runAttempt: '1',
      workspace: '/tmp',
      reportPath: '/tmp/report.json',
      summaryPath: undefined,
      isHosted: false,
      manual: false,
    },
    ...over,
  }
}

/** A run with so many ms left, whose waits are over at once. */
function timeLeft(left = 3_600_000) {
  const waits: number[] = []
  const sleep = async (ms: number) => void waits.push(Math.ceil(ms / 1000))
  return { cancelled: AbortSignal.timeout(20_000), left, sleep, waits }
}

function track(
  state: Tracked = two,
  hint: number | null = null,
  config: object = {},
  time = timeLeft(),
): Promise<Tracking> {
  return trackIssue(configOf(config), state, hint, { http, time })
}

/** What was asked of GitHub since the last call, as `METHOD path`. */
function asked(): string[] {
  return github.requests
    .splice(0)
    .map(({ method, path }) => `${method} ${path.replace(`/repos/${github.repository}`, '')}`)
}

function issue(number: number | null): Issue {
  const found = github.issues.find((one) => one.number === number)
  if (found === undefined) throw new Error(`no issue ${number}`)
  return found
}

describe('the one issue', () => {
  test('is opened when there is something to track', async () => {
    const { number, warning } = await track(two, null, { issueAssignees: ['ops'] })
    expect(warning).toBeNull()
    expect(asked()).toEqual(['POST /graphql', 'GET /issues', 'POST /issues'])
    const { title, body, labels, assignees, state } = issue(number)
    expect(title).toBe('IPFS Pin Mirror (ipfs-pin-mirror): CIDs and delegates that need a look')
    expect(body?.split('\n')[0]).toBe(marker)
    expect(body).toContain(failing(1).cid)
    expect({ labels, assignees, state }).toEqual({
      labels: ['ipfs-pin-mirror'],
      assignees: ['ops'],
      state: 'open',
    })
  })

  test('is not opened for nothing', async () => {
    expect(await track(nothing)).toEqual({ number: null, warning: null })
    expect(asked()).toEqual(['POST /graphql', 'GET /issues'])
  })

  test('is left alone while nothing changes', async () => {
    const { number } = await track()
    asked()
    expect(await track(two, number)).toEqual({ number, warning: null })
    expect(asked()).toEqual(['POST /graphql', `GET /issues/${number}`])
  })

  test('is updated without a comment when only numbers change', async () => {
    const { number } = await track()
    asked()
    const next = Date.UTC(2026, 11, 24, 12)
    await track(
      { ...stateOf([failing(1, { next }), failing(2, { next })]), knownDelegates: [knownDelegate] },
      number,
    )
    expect(asked()).toEqual(['POST /graphql', `GET /issues/${number}`, `PATCH /issues/${number}`])
    expect(issue(number).body).toContain('2026-12-24 12:00')
  })

  test('is updated with a comment when something appears or goes', async () => {
    const { number } = await track()
    asked()
    await track({ ...stateWithNew(2, 3), unknownDelegates: [unknownDelegate] }, number)
    expect(asked()).toEqual([
      'POST /graphql',
      `GET /issues/${number}`,
      `POST /issues/${number}/comments`,
      `PATCH /issues/${number}`,
    ])
    const [comment] = issue(number).comments
    expect(comment?.body).toContain('- **+1** No block came (<code>photos</code>)')
    expect(comment?.body?.split('\n')).toContain(failing(3).cid)
    expect(comment?.body).toContain(`- **+1** unknown delegates: <code>${unknownDelegate.peerId}</code>`)
    expect(comment?.body).toContain(
      '- **−1** not among those that fail on the node any more (<code>photos</code>)',
    )
    expect(comment?.body).toContain(`https://github.com/octo/mirror/actions/runs/${runs}/attempts/1`)
  })

  test('is closed when nothing is left, stays closed, and is reopened when there is', async () => {
    const { number } = await track()
    await track(nothing, number)
    expect(issue(number)).toMatchObject({ state: 'closed', stateReason: 'completed' })
    expect(issue(number).comments.at(-1)?.body).toMatch(/^Nothing is left/)
    asked()
    await track(nothing, number)
    expect(asked()).toEqual(['POST /graphql', `GET /issues/${number}`])
    await track(two, number)
    expect(issue(number).state).toBe('open')
    expect(issue(number).comments.at(-1)?.body).toContain('**+2** fail on the node')
    expect(github.issues).toHaveLength(1)
  })

  test('that someone closed by hand is reopened, without a comment', async () => {
    const { number } = await track()
    issue(number).state = 'closed'
    await track(two, number)
    expect(issue(number)).toMatchObject({ state: 'open', comments: [] })
  })

  test('that a person closed as not planned stays closed until something new fails', async () => {
    const { number } = await track()
    github.closeIssue(number as number, 'not_planned')
    const dismissed = { state: 'closed', stateReason: 'not_planned', comments: [] }
    asked()
    await track(two, number)
    expect(asked()).toEqual(['POST /graphql', `GET /issues/${number}`])
    // Less than it told is no news; its text is kept up to date all the same.
    await track(stateWith(2), number)
    expect(issue(number)).toMatchObject(dismissed)
    expect(issue(number).body).not.toContain(failing(1).cid)

    await track(stateWithNew(2, 3), number)
    expect(issue(number)).toMatchObject({ state: 'open', stateReason: null })
    expect(issue(number).comments.map(({ body }) => body)).toEqual([
      expect.stringContaining('**+1** No block came'),
    ])
    expect(github.issues).toHaveLength(1)
  })

  test('that was dismissed, and has more than can be listed, is reopened when there is more', async () => {
    const many = (length: number) => stateWith(...Array.from({ length }, (_, n) => n))
    const { number } = await track(many(400))
    github.closeIssue(number as number, 'not_planned')
    await track(many(399), number)
    expect(issue(number).state).toBe('closed')
    await track(many(401), number)
    expect(issue(number).state).toBe('open')
  })

  test('that a program closed as stale is reopened', async () => {
    const { number } = await track()
    github.closeIssue(number as number, 'not_planned', bot)
    await track(two, number)
    expect(issue(number).state).toBe('open')
  })

  test('with lines that a person wrote above its marker is the same, and is put right', async () => {
    const { number } = await track()
    issue(number).body = `Ann looks into it\r\n\r\n${issue(number).body}`
    expect(await track(two, number)).toEqual({ number, warning: null })
    expect(issue(number).body?.split('\n')[0]).toBe(marker)
    issue(number).body = `Ann looks into it\n${issue(number).body}`
    expect(await track(two)).toEqual({ number, warning: null })
    expect(github.issues).toHaveLength(1)
  })

  test('that was transferred is gone, and the next one is opened', async () => {
    const { number } = await track()
    github.transferIssue(number as number)
    asked()
    expect(await track(two, number)).toEqual({ number: 2, warning: null })
    expect(asked()).toEqual(['POST /graphql', `GET /issues/${number}`, 'GET /issues', 'POST /issues'])
  })

  describe('whose comment', () => {
    const isComment = ({ method, path }: { method: string; path: string }) =>
      method === 'POST' && path.endsWith('/comments')
    const later = () => stateWithNew(2, 3)
    const comments = (number: number | null) => issue(number).comments.map(({ body }) => body)

    test('cannot be posted is kept up to date, and the next run tells of the change', async () => {
      const { number } = await track()
      github.intercept = (request) => (isComment(request) ? { status: 500, body: '{}' } : undefined)
      const { warning } = await track(later(), number)
      expect(warning).toMatch(
        /^A comment on what changed .* could not be posted .*: the next run tries again/,
      )
      expect(issue(number).body).toContain(failing(3).cid)
      expect(comments(number)).toEqual([])
      asked()
      await track(later(), number)
      expect(asked().slice(2)).toEqual([`POST /issues/${number}/comments`])

      github.intercept = undefined
      expect(await track(later(), number)).toEqual({ number, warning: null })
      expect(comments(number)).toEqual([expect.stringContaining('**+1** No block came')])
      await track(later(), number)
      expect(comments(number)).toHaveLength(1)
    })

    test('tells that it is closed cannot be posted is closed, and told so by the next run', async () => {
      const { number } = await track()
      github.intercept = (request) => (isComment(request) ? { status: 500, body: '{}' } : undefined)
      await track(nothing, number)
      expect(issue(number).state).toBe('closed')
      github.intercept = undefined
      await track(nothing, number)
      expect(issue(number).state).toBe('closed')
      expect(comments(number)).toEqual([expect.stringMatching(/^Nothing is left/)])
    })

    test('may have been posted, for all that GitHub says, is posted again rather than lost', async () => {
      const { number } = await track()
      github.intercept = (request) => (isComment(request) ? 'truncate' : undefined)
      await track(later(), number)
      github.intercept = undefined
      await track(later(), number)
      expect(comments(number).at(-1)).toContain('**+1** No block came')
      await track(later(), number)
      expect(comments(number)).toHaveLength(2)
    })

    test('is posted, and whose text cannot be changed, is commented on again', async () => {
      const { number } = await track()
      github.intercept = ({ method }) => (method === 'PATCH' ? { status: 403, body: '{}' } : undefined)
      expect((await track(later(), number)).warning).toMatch(/was not kept/)
      github.intercept = undefined
      await track(later(), number)
      expect(issue(number).body).toContain(failing(3).cid)
      expect(comments(number)).toHaveLength(2)
    })

    test('could not be posted stays under GitHub’s limit, with as much as can be remembered', async () => {
      const requests = several(190, { kind: 'request', class: 'unsaid' })
      const { number } = await track(stateOf(requests))
      github.intercept = (request) => (isComment(request) ? { status: 500, body: '{}' } : undefined)
      const { warning } = await track(stateOf(several(3000, { reason: 'x'.repeat(300) })), number)
      expect(warning).toMatch(/^A comment/)
      expect(issue(number).body).toContain('**3,000 CIDs fail for now.**')
    })
  })

  test('that is locked is updated, but takes no comment', async () => {
    const { number } = await track()
    issue(number).locked = true
    expect(await track(stateWith(3), number)).toEqual({ number, warning: null })
    expect(issue(number).body).toContain(failing(3).cid)
    expect(issue(number).comments).toEqual([])
  })

  test('that someone edited is put right, without a comment that nobody can check', async () => {
    const { number } = await track()
    issue(number).body = `${marker}\nI take this over`
    await track(two, number)
    expect(issue(number).body).toContain(failing(1).cid)
    expect(issue(number).comments).toEqual([])
  })

  test('that is gone is opened anew', async () => {
    const { number } = await track()
    github.issues.splice(0, 1, { ...issue(number), number: 77, author: 'someone' })
    const { number: next, warning } = await track(two, number)
    expect(warning).toBeNull()
    expect(next).not.toBe(77)
    expect(issue(next).author).toBe(bot)
  })

  test('that was moved to another repository is not followed', async () => {
    const { number } = await track()
    const { body } = issue(number)
    github.issues.splice(0)
    github.intercept = ({ method, path }) =>
      method === 'GET' && path.endsWith(`/issues/${number}`)
        ? {
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({
              number,
              body,
              state: 'open',
              user: { login: bot },
              repository_url: `${github.origin}/repos/octo/elsewhere`,
            }),
          }
        : undefined
    await track(two, number)
    expect(asked().at(-1)).toBe('POST /issues')
  })
})

describe('runs that fail', () => {
  const runs = (count: number) => ({
    since: '2026-11-19T10:03:00Z',
    runs: count,
    errors: [{ where: 'node', message: 'the node does not answer' }],
  })
  /** What a run shows that saw nothing. */
  const blind = (count: number) => tracked({ failing: runs(count), sight: 'blind' })
  const whole = { ...two, unknownDelegates: [unknownDelegate] }

  test('are told in an issue of their own, where there was none, which is closed when they end', async () => {
    const { number } = await track(blind(2))
    expect(issue(number).body).toContain('**2 runs in a row ended with an error.**')
    await track(nothing, number)
    expect(issue(number)).toMatchObject({ state: 'closed', stateReason: 'completed' })
    expect(issue(number).comments.at(-1)?.body).toContain('The runs no longer end with an error.')
  })

  test('that saw nothing change only what is said of them: the rest stays, and is no news', async () => {
    const { number } = await track(whole)
    const before = issue(number).body
    const { warning } = await track({ ...stateWith(1, 2), failing: runs(2), sight: 'blind' }, number)
    expect(warning).toMatch(/goes on telling what this run did not see/)
    const { body, comments } = issue(number)
    expect(body).toContain('**2 runs in a row ended with an error, 2 CIDs fail for now, 1 delegate is new.**')
    expect(body).toContain(unknownDelegate.peerId)
    expect(comments).toHaveLength(1)
    expect(comments[0]?.body).toContain('**2 runs in a row** ended with an error')

    await track({ ...stateWith(1, 2), failing: runs(3), sight: 'blind' }, number)
    expect(issue(number).body).toContain('**3 runs in a row ended with an error,')
    expect(issue(number).comments).toHaveLength(1)

    await track(whole, number)
    expect(withoutRunAndMemory(issue(number).body)).toBe(withoutRunAndMemory(before))
    expect(issue(number).comments.map((one) => one.body)).toEqual([
      expect.anything(),
      expect.stringContaining('The runs no longer end with an error.'),
    ])
  })

  test('count from the first on, also where the second cannot open the snapshot', async () => {
    const { number } = await track()
    await track({ ...two, failing: runs(1) }, number)
    expect(issue(number).body).not.toContain('ended with an error')
    await track(tracked({ failing: runs(1), sight: 'unopened' }), number)
    expect(issue(number).body).toContain('**2 runs in a row ended with an error, 2 CIDs fail for now.**')
    expect(issue(number).comments).toHaveLength(1)
  })

  test('end also with a run that did not see everything', async () => {
    const { number } = await track({ ...whole, failing: runs(2) })
    await track(tracked({ sight: 'blind' }), number)
    expect(issue(number).body).not.toContain('runs in a row')
    expect(issue(number).body).toContain(unknownDelegate.peerId)
    expect(issue(number).state).toBe('open')
  })

  test('reopen an issue that a person closed as not planned', async () => {
    const { number } = await track()
    github.closeIssue(number as number, 'not_planned')
    await track({ ...two, failing: runs(2) }, number)
    expect(issue(number).state).toBe('open')
  })
})

describe('a run that did not see everything', () => {
  const request = (index: number) => failing(index, { kind: 'request', class: 'unsaid' })
  const drop = { where: 'bucket photos', message: '20 requests vanished at once' }
  const part = (requests: readonly number[], over: Partial<Tracked> = {}) =>
    stateOf(requests.map(request), { sight: 'part', ...over })
  const comments = (number: number | null) => issue(number).comments.map(({ body }) => body)

  test('adds what is new, and keeps as told what it did not see', async () => {
    const { number } = await track(stateOf([request(1)], { unknownDelegates: [unknownDelegate] }))
    const seen = part([2], { doubts: [drop] })
    const { warning } = await track(seen, number)
    expect(warning).toMatch(/goes on telling what this run did not see/)
    const { body } = issue(number)
    expect(body).toContain(
      '**1 finding is not believed yet, 1 delegate is new, 2 uploads were given up by the service.**',
    )
    for (const name of [request(1).cid, request(2).cid, unknownDelegate.peerId])
      expect(body?.split('\n')).toContain(name)
    expect(comments(number)).toHaveLength(1)
    expect(
      comments(number)[0]
        ?.split('\n')
        .filter((line) => line.startsWith('- ')),
    ).toEqual([
      `- **+1** uploads that the service gave up: <code>${request(2).cid}</code>`,
      '- **+1** not believed yet: <code>bucket photos</code>',
    ])
    asked()
    await track(seen, number)
    expect(asked()).toEqual(['POST /graphql', `GET /issues/${number}`])

    await track(stateOf([request(2)]), number)
    expect(
      comments(number)[1]
        ?.split('\n')
        .filter((line) => line.startsWith('- ')),
    ).toEqual([
      `- **−1** unknown delegates: <code>${unknownDelegate.peerId}</code>`,
      `- **−1** uploads that the service gave up: <code>${request(1).cid}</code>`,
      '- **−1** not believed yet: <code>bucket photos</code>',
    ])
  })

  test('takes off what it knows to be gone, and closes nothing while there is more', async () => {
    const { number } = await track(stateOf([request(1)], { doubts: [drop] }))
    await track(part([], { knows: (kind) => kind === 'doubt' }), number)
    expect(issue(number)).toMatchObject({ state: 'open' })
    expect(issue(number).body).toContain('**1 upload was given up by the service.**')
    expect(comments(number)).toEqual([expect.stringContaining('**−1** not believed yet')])
  })

  test('tells growth also of more than can be remembered by name, and calls none of them gone', async () => {
    const several = (length: number) => Array.from({ length }, (_, index) => index)
    const { number } = await track(part(several(300), { sight: 'whole' }))
    await track(part(several(301)), number)
    expect(issue(number).body).toContain('**301 uploads were given up by the service.**')
    expect(comments(number)).toEqual([expect.stringContaining('**+1** uploads that the service gave up')])
    await track(part(several(120)), number)
    expect(issue(number).body).toContain('**301 uploads were given up by the service.**')
    expect(issue(number).body).toContain('| 181 | uploads that the service gave up, as told before')
    await track(part([]), number)
    expect(issue(number).state).toBe('open')
    await track(part(several(301), { sight: 'whole' }), number)
    expect(comments(number)).toHaveLength(1)
    await track(part(several(120), { sight: 'whole' }), number)
    expect(comments(number)[1]).toContain('**−181** uploads that the service gave up')
  })

  test('leaves an issue alone whose memory somebody damaged', async () => {
    const { number } = await track(stateOf([request(1)]))
    const body = issue(number).body?.replace(/told: \S+/, 'told: ???') ?? ''
    issue(number).body = body
    await track(part([2]), number)
    expect(issue(number).body).toBe(body)
  })
})

/** A body without its last lines, which name the run and what was told. */
function withoutRunAndMemory(body: string | null): string {
  return body?.replace(/Last changed by[\s\S]*$/, '') ?? ''
}

describe('found without a hint', () => {
  test('on a later page, open or closed', async () => {
    const { number } = await track()
    issue(number).state = 'closed'
    for (let index = 0; index < 250; index++) github.addIssue({ title: 'other', author: bot })
    asked()
    expect(await track(two)).toEqual({ number, warning: null })
    expect(asked()).toEqual([
      'POST /graphql',
      'GET /issues',
      'GET /issues',
      'GET /issues',
      `PATCH /issues/${number}`,
    ])
  })

  test("another's issue with a copied marker is never touched, with a hint or without", async () => {
    const copied = github.addIssue({ title: 'copy', body: `${marker}\n`, author: 'mallory' })
    const { number } = await track(two, copied.number)
    expect(number).not.toBe(copied.number)
    expect(issue(copied.number)).toMatchObject({ body: `${marker}\n`, comments: [], state: 'open' })
  })

  test("a pull request, another mirror's issue and one that quotes the marker are not it", async () => {
    github.addIssue({ title: 'pull', body: `${marker}\n`, author: bot, isPullRequest: true })
    github.addIssue({ title: 'other', body: markerOf(mirrorId('other', endpoint)), author: bot })
    github.addIssue({ title: 'quote', body: `> ${marker}`, author: bot })
    const { number } = await track()
    expect(number).toBe(4)
  })

  test('several: the oldest is kept, and it is said', async () => {
    const { body } = issue((await track()).number)
    github.addIssue({ title: 'second', body, author: bot })
    github.addIssue({ title: 'third', body, author: bot })
    const { number, warning } = await track()
    expect(number).toBe(1)
    expect(warning).toBe("Several issues are this mirror's. #1, the oldest, is kept; close #2, #3 by hand.")
  })

  test("a person's token finds that person's issue", async () => {
    await github.stop()
    github = await startGitHub({ login: 'alice' })
    const { number } = await track()
    expect(issue(number).author).toBe('alice')
    expect(await track(two)).toEqual({ number, warning: null })
  })

  test('where GraphQL is refused, GET /user says who the token is', async () => {
    await github.stop()
    github = await startGitHub({ login: 'alice' })
    github.intercept = ({ path }) => (path === '/graphql' ? { status: 403, body: 'no' } : undefined)
    expect((await track()).warning).toBeNull()
    expect(asked().slice(0, 2)).toEqual(['POST /graphql', 'GET /user'])
  })
})

describe('what stands in the way is one warning, and the run goes on', () => {
  const cases: [string, () => void, object, RegExp][] = [
    ['issues turned off', () => (github.hasIssues = false), {}, /issues are turned off.*`issue: false`/],
    ['no right to read', () => (github.permission = 'none'), {}, /`issues: write`/],
    ['no right to write', () => (github.permission = 'read'), {}, /`issues: write`/],
    ['a bad token', () => {}, { githubToken: 'stale' }, /refuses the token \(Bad credentials/],
    ['no token', () => {}, { githubToken: undefined }, /there is no token/],
    [
      'a used-up rate limit',
      () => (github.limitedUntil = new Date(Date.now() + 3_600_000)),
      {},
      /rate limit/,
    ],
  ]
  test.each(cases)('%s', async (_, arrange, config, expected) => {
    arrange()
    const { number, warning } = await track(two, 5, config)
    expect(number).toBe(5)
    expect(warning).toMatch(expected)
    if (warning !== null) expect(warning.replaceAll('`github-token`', '')).not.toContain(github.token)
  })

  test('no repository', async () => {
    const config = configOf()
    const outside = { ...config, github: { ...config.github, repository: undefined } }
    const { warning } = await trackIssue(outside, two, null, { http, time: timeLeft() })
    expect(warning).toMatch(/belongs to no repository/)
    expect(asked()).toEqual([])
  })

  test('assignees who may not be assigned', async () => {
    await github.stop()
    github = await startGitHub({ assignable: ['ops'] })
    const { number, warning } = await track(two, null, { issueAssignees: ['nobody'] })
    expect(issue(number).assignees).toEqual([])
    expect(warning).toMatch(/without assignees.*`issue-assignees`/)
  })
})

describe('passing trouble', () => {
  test('is waited out where asking twice does no harm', async () => {
    let left = 2
    github.intercept = ({ method }) =>
      method === 'GET' && left-- > 0 ? { status: 502, body: 'bad gateway' } : undefined
    expect((await track()).warning).toBeNull()
    expect(asked()).toEqual(['POST /graphql', 'GET /issues', 'GET /issues', 'GET /issues', 'POST /issues'])
  })

  test('never opens an issue twice', async () => {
    github.intercept = ({ method, path }) =>
      method === 'POST' && path.endsWith('/issues') ? 'truncate' : undefined
    const { number, warning } = await track()
    expect(number).toBeNull()
    expect(warning).toMatch(/The next run tries again/)
    expect(github.issues).toHaveLength(1)
    github.intercept = undefined
    expect(await track(two, number)).toEqual({ number: 1, warning: null })
  })

  test('an answer that is not GitHub’s is said', async () => {
    github.intercept = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<p>log in' })
    const { number, warning } = await track(two, 5)
    expect(number).toBe(5)
    expect(warning).toMatch(/not what GitHub's API promises/)
  })

  test('a redirect is not followed: the token stays with GitHub', async () => {
    await using elsewhere = await startGitHub()
    github.intercept = ({ path }) => ({ status: 307, headers: { location: `${elsewhere.apiUrl}${path}` } })
    const { number, warning } = await track(two, 5)
    expect(number).toBe(5)
    expect(warning).toMatch(/no redirect is followed with a token: check GITHUB_API_URL/)
    expect(elsewhere.requests).toEqual([])
  })

  test('a short rate limit is waited out, also for what must not be done twice', async () => {
    let left = 1
    github.intercept = ({ method, path }) =>
      method === 'POST' && path.endsWith('/issues') && left-- > 0
        ? { status: 403, headers: { 'retry-after': '0' }, body: 'You have exceeded a secondary rate limit' }
        : undefined
    expect(await track()).toEqual({ number: 1, warning: null })
  })

  test('what a rate limit asks for is not waited for again and again, nor where it is long', async () => {
    const times = () => asked().filter((one) => one === 'POST /issues').length
    for (const [seconds, expected] of [
      ['0', 4],
      ['301', 1],
    ] as const) {
      github.intercept = ({ method, path }) =>
        method === 'POST' && path.endsWith('/issues')
          ? {
              status: 403,
              headers: { 'retry-after': seconds },
              body: 'You have exceeded a secondary rate limit',
            }
          : undefined
      expect((await track()).warning).toMatch(/rate limit is used up/)
      expect(times()).toBe(expected)
    }
  })

  /** As GitHub refuses for a secondary rate limit, the first time that an issue is to be opened. */
  function refuseOnce(status: number, headers: Readonly<Record<string, string>>): void {
    const message =
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
    let left = 1
    github.intercept = ({ method, path }) =>
      method === 'POST' && path.endsWith('/issues') && left-- > 0
        ? {
            status,
            headers: { ...headers, 'content-type': 'application/json' },
            body: JSON.stringify({ message }),
          }
        : undefined
  }

  test.each([
    ['names its time', 403, { 'retry-after': '120' }, 120],
    ['names its time', 429, { 'retry-after': '120' }, 120],
    ['says only that it is one', 429, {}, 60],
    ['says in words only that it is one', 403, {}, 60],
  ])('a secondary rate limit that %s (%i) is waited out', async (_, status, headers, seconds) => {
    refuseOnce(status, headers as Record<string, string>)
    const time = timeLeft()
    expect(await track(two, null, {}, time)).toEqual({ number: 1, warning: null })
    expect(time.waits).toEqual([seconds])
  })

  test.each([403, 429])(
    'nor is one (%i) where the run has no time for it: the warning says what it is',
    async (status) => {
      refuseOnce(status, {})
      const time = timeLeft(59_000)
      expect((await track(two, null, {}, time)).warning).toMatch(/rate limit is used up/)
      expect(time.waits).toEqual([])
    },
  )

  test('a lack of rights is not waited for', async () => {
    github.permission = 'read'
    const time = timeLeft()
    expect((await track(two, null, {}, time)).warning).toMatch(/`issues: write`/)
    expect(time.waits).toEqual([])
  })

  test('a cancelled run is not held up', async () => {
    github.intercept = () => 'hang'
    const cancel = new AbortController()
    const reason = new Error('cancelled')
    setTimeout(() => cancel.abort(reason), 50)
    const time = { ...timeLeft(), cancelled: cancel.signal }
    await expect(trackIssue(configOf(), two, null, { http, time })).rejects.toBe(reason)
  })
})
