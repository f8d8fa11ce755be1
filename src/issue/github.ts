import type { GitHub as Client } from '@actions/github/lib/utils'
import { StatusError } from '../errors.ts'
import type { Gate, Http, Request } from '../http/http.ts'
import type { RunTime } from '../run-time.ts'

export type GitHub = InstanceType<typeof Client>

/** A rate limit that asks for more, in ms, is not waited out: the next run comes anyway. */
const longestRest = 5 * 60_000
const mostRests = 3
/** What GitHub asks for where a secondary rate limit names no time:
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const unsaidRest = 60_000

/** How long the run may still wait. */
export type WaitingTime = Pick<RunTime, 'cancelled' | 'left' | 'sleep'>

/**
 * A client of GitHub's API that asks through the program's own HTTP. Octokit's plugins for retries and rate limits are
 * not used: theirs repeat a POST that may have made its issue, and their waits cannot be cut short by a cancel.
 */
export async function openGitHub(options: {
  readonly http: Http
  readonly token: string
  readonly apiUrl: string
  readonly time: WaitingTime
}): Promise<GitHub> {
  const { http, token, apiUrl, time } = options
  // As it is loaded it reads the runner's environment, and throws where that is not as it expects.
  const { GitHub } = await import('@actions/github/lib/utils')
  const through = { gate: new Rests(time), signal: time.cancelled }
  return new GitHub({
    auth: `token ${token}`,
    baseUrl: apiUrl,
    request: { fetch: (url: string, init: Init) => fetchThrough(http, url, init, through) },
  })
}

/** What Octokit gives to its `fetch`. */
interface Init {
  readonly method: Request['method']
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** A `fetch` for Octokit: it takes statuses as they come, and turns them into errors of its own. */
async function fetchThrough(
  http: Http,
  url: string,
  init: Init,
  through: { readonly gate: Rests; readonly signal: AbortSignal },
): Promise<Response> {
  const { method, headers, body } = init
  try {
    const answer = await http.ask({
      ...through,
      method,
      url: new URL(url),
      headers,
      ...(body === undefined ? {} : { body }),
      deadline: 30_000,
      // A query by GraphQL changes nothing.
      repeatable: method !== 'POST' || new URL(url).pathname.endsWith('/graphql'),
      tries: 4,
      alsoPasses: 500,
      alsoLimits: 403,
      waitIn: (status, body) => (isSecondaryLimit(status, body) ? unsaidRest : undefined),
      mayUseProxy: true,
    })
    return responseOf(answer.status, answer.text)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    // Octokit takes a redirect for a success.
    if (error.status < 400) throw new RedirectError(error)
    return responseOf(error.status, error.body, error.retryAfterMs)
  }
}

/** The API answered with a redirect. Octokit hands it on as the cause of an error of its own. */
class RedirectError extends Error {
  override name = 'RedirectError'
  readonly status: number

  constructor(cause: StatusError) {
    super(
      `the API redirects (status ${cause.status}), and no redirect is followed with a token: check GITHUB_API_URL, and whether the repository was renamed`,
      { cause },
    )
    this.status = cause.status
  }
}

/** Whether an error of Octokit's says that what was asked for is somewhere else, and stays there. */
export function isMovedForGood({ cause }: { readonly cause?: unknown }): boolean {
  return cause instanceof RedirectError && (cause.status === 301 || cause.status === 308)
}

/** A secondary rate limit that names no time is told from a lack of rights by its words alone (GitHub's documentation). */
function isSecondaryLimit(status: number, body: string): boolean {
  return status === 403 && body.toLowerCase().includes('secondary rate limit')
}

/** All that Octokit needs of an answer: it tells for itself what is no JSON. */
function responseOf(status: number, text: string, retryAfterMs?: number): Response {
  const headers = new Headers({ 'content-type': 'application/json' })
  if (retryAfterMs !== undefined) headers.set('retry-after', String(Math.ceil(retryAfterMs / 1000)))
  return new Response(text === '' ? null : text, { status, headers })
}

/** Waits out what GitHub's rate limits ask for, where that is short and the run has the time. */
class Rests implements Gate {
  readonly #time: WaitingTime
  #until = 0
  #count = 0

  constructor(time: WaitingTime) {
    this.#time = time
  }

  async pass<T>(ask: () => Promise<T>): Promise<T> {
    const wait = this.#until - performance.now()
    if (wait > 0) await this.#time.sleep(wait)
    return ask()
  }

  hold(ms = unsaidRest): number | undefined {
    if (ms > Math.min(longestRest, this.#time.left) || ++this.#count > mostRests) return undefined
    this.#until = performance.now() + ms
    return ms
  }
}
