import { setTimeout as sleep } from 'node:timers/promises'
import { getOctokit } from '@actions/github'
import { defaults } from '@actions/github/lib/utils'
import { retryDelay } from '../domain/backoff.ts'
import { retryAfter } from '../http.ts'

export type GitHub = ReturnType<typeof getOctokit>

const deadline = 30_000
const longestWait = 60_000
const tries = 4
const passingStatuses = new Set([500, 502, 503, 504])

/**
 * A client of GitHub's API with a deadline for each request, that waits out short rate limits and repeats what may be
 * repeated. Octokit's own plugins are not used: theirs repeat a POST that may have made its issue, and their waits
 * cannot be cut short when the run is cancelled.
 */
export function openGitHub(options: {
  readonly token: string
  readonly apiUrl: string
  readonly signal: AbortSignal
}): GitHub {
  const { token, apiUrl, signal } = options
  return getOctokit(token, {
    baseUrl: apiUrl,
    request: { fetch: async (url: string, init: RequestInit) => unredirected(await ask(url, init, signal)) },
  })
}

async function ask(url: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
  const isRepeatable = init.method !== 'POST' || new URL(url).pathname.endsWith('/graphql')
  for (let attempt = 1; ; attempt++) {
    const wait = retryDelay(attempt, undefined, Math.random())
    try {
      const limits = AbortSignal.any([signal, AbortSignal.timeout(deadline)])
      const response = await readWhole(
        await proxiedFetch(url, { ...init, redirect: 'manual', signal: limits }),
      )
      const asked = rateLimitWait(response)
      if (attempt === tries || (asked ?? 0) > longestWait) return response
      // What a rate limit refused was not done, so that it may be asked again whatever it is.
      if (asked === undefined && !(isRepeatable && passingStatuses.has(response.status))) return response
      await sleep(asked ?? wait, undefined, { signal })
    } catch (error) {
      signal.throwIfAborted()
      if (attempt === tries || !isRepeatable) throw error
      await sleep(wait, undefined, { signal })
    }
  }
}

/** Octokit takes a redirect for a success. Following it could give the token to another. */
function unredirected(response: Response): Response {
  if (response.status >= 300 && response.status < 400)
    throw new Error(
      `the API redirects (status ${response.status}), and no redirect is followed with a token: check GITHUB_API_URL, and whether the repository was renamed`,
    )
  return response
}

/** Octokit takes an answer that was cut for an empty one: it is read to its end before Octokit sees it. */
async function readWhole(response: Response): Promise<Response> {
  const body = await response.arrayBuffer()
  const { status, headers } = response
  return new Response(body.byteLength === 0 ? null : body, { status, headers: [...headers] })
}

/** How long a rate limit asks to wait, in ms; `undefined` where the answer is not about one. */
function rateLimitWait(response: Response): number | undefined {
  if (response.status !== 403 && response.status !== 429) return undefined
  return retryAfter(Object.fromEntries(response.headers), Date.now())
}

/** Goes through the runner's proxy, where one is set. */
const proxiedFetch: typeof fetch = defaults.request?.fetch
