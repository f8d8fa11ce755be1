import { setTimeout as sleep } from 'node:timers/promises'
import type { GitHub as Client } from '@actions/github/lib/utils'
import { StatusError } from '../errors.ts'
import type { Gate, Http, Request } from '../http/http.ts'

export type GitHub = InstanceType<typeof Client>

/** A rate limit that asks for more, in ms, is not waited out: the next run comes anyway. */
const longestRest = 60_000
const mostRests = 3

/**
 * A client of GitHub's API that asks through the program's own HTTP. Octokit's plugins for retries and rate limits are
 * not used: theirs repeat a POST that may have made its issue, and their waits cannot be cut short by a cancel.
 */
export async function openGitHub(options: {
  readonly http: Http
  readonly token: string
  readonly apiUrl: string
  readonly signal: AbortSignal
}): Promise<GitHub> {
  const { http, token, apiUrl, signal } = options
  // As it is loaded it reads the runner's environment, and throws where that is not as it expects.
  const { GitHub } = await import('@actions/github/lib/utils')
  const rests = new Rests()
  return new GitHub({
    auth: `token ${token}`,
    baseUrl: apiUrl,
    request: { fetch: (url: string, init: Init) => fetchThrough(http, url, init, { gate: rests, signal }) },
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
  { method, headers, body }: Init,
  through: { readonly gate: Gate; readonly signal: AbortSignal },
): Promise<Response> {
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
      mayUseProxy: true,
    })
    return responseOf(answer.status, answer.text)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    // Octokit takes a redirect for a success.
    if (error.status < 400) throw new Error(redirected(error.status), { cause: error })
    return responseOf(error.status, error.body, error.retryAfterMs)
  }
}

const redirected = (status: number) =>
  `the API redirects (status ${status}), and no redirect is followed with a token: check GITHUB_API_URL, and whether the repository was renamed`

/** All that Octokit needs of an answer: it tells for itself what is no JSON. */
function responseOf(status: number, text: string, retryAfterMs?: number): Response {
  const headers = new Headers({ 'content-type': 'application/json' })
  if (retryAfterMs !== undefined) headers.set('retry-after', String(Math.ceil(retryAfterMs / 1000)))
  return new Response(text === '' ? null : text, { status, headers })
}

/** Waits out what GitHub's rate limits ask for, where that is short. */
class Rests implements Gate {
  #until = 0
  #count = 0

  async pass<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const wait = this.#until - Date.now()
    if (wait > 0) await sleep(wait, undefined, { signal })
    return ask()
  }

  hold(ms: number | undefined): boolean {
    if (ms === undefined || ms > longestRest || ++this.#count > mostRests) return false
    this.#until = Date.now() + ms
    return true
  }
}
