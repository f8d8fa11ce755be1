import { DeadlineError, NoAnswerError, RequestError, StatusError } from '../../errors.ts'
import { worthALine } from '../long-wait.ts'
import { count, size } from '../numbers.ts'
import { pauseAfter } from '../progress.ts'
import { duration } from '../times.ts'

interface Sent {
  readonly method: string
  readonly url: string
  readonly took: number
  readonly answer:
    | {
        readonly status: number
        readonly body: readonly string[] | { readonly lines: number } | { readonly bytes: number }
      }
    | undefined
  readonly error: unknown
}

interface Wait {
  readonly url: string
  readonly ms: number
  readonly error: unknown
}

/** `GET https://api.filebase.io/v1/ipfs/pins?limit=1000: 200, 1,000 rows, 340ms`, or why no answer counts. */
export function sentLine({ method, url, took, answer, error }: Sent): string {
  const time = duration(Math.round(took))
  const why = error === undefined ? null : whyNot(error)
  if (answer === undefined) return `${method} ${url}: ${why}, ${time}`
  const { status, body } = answer
  const parts = [String(status), muchOf(body), why, time]
  return `${method} ${url}: ${parts.filter((part) => part !== null).join(', ')}`
}

function muchOf(body: NonNullable<Sent['answer']>['body']): string | null {
  if ('bytes' in body) return size(body.bytes)
  const rows = 'lines' in body ? body.lines : rowsIn(body)
  return rows === undefined ? null : count(rows, 'row')
}

function whyNot(error: unknown): string {
  if (error instanceof StatusError) {
    const { status, retryAfterMs: wait } = error
    return wait === undefined ? String(status) : `${status}, which asks to wait ${duration(wait)}`
  }
  if (error instanceof NoAnswerError) return `no answer (${error.code})`
  if (error instanceof DeadlineError) return 'no answer in time'
  if (error instanceof RequestError) return `no good answer (${error.message})`
  return 'cut off'
}

/** How many things an answer lists: itself, or in the one list that it has. One in several pieces is too long to look. */
function rowsIn([text, ...more]: readonly string[]): number | undefined {
  if (text === undefined || more.length > 0) return undefined
  try {
    const json: unknown = JSON.parse(text)
    if (Array.isArray(json)) return json.length
    const lists = Object.values(json ?? {}).filter(Array.isArray)
    return lists.length === 1 ? lists[0]?.length : undefined
  } catch {
    return undefined
  }
}

/** The same wait, for another request: it ends hardly later. */
const same = 1_000

/** Says what is waited for: once for all that wait for the same, and less and less often where it does not end. */
export class Waits {
  readonly #names: readonly (readonly [address: string, name: string])[]
  readonly #known = new Map<
    string,
    { readonly began: number; readonly until: number; readonly said: number }
  >()

  /** @param names what the log calls those whose addresses begin so; others go by their host */
  constructor(names: readonly (readonly [address: string, name: string])[]) {
    this.#names = names
  }

  /**
   * @param now ms, of a clock that only goes forward
   * @returns what to say now; `null` for nothing
   */
  line({ url, ms, error }: Wait, now: number): string | null {
    if (ms < worthALine) return null
    const name = this.#nameOf(url)
    const last = this.#known.get(name)
    const known = last !== undefined && now <= last.until + pauseAfter(0) ? last : undefined
    const until = now + ms
    if (known !== undefined && until <= known.until + same) return null
    const began = known?.began ?? now
    const isDue = known === undefined || now - known.said >= pauseAfter(now - began)
    this.#known.set(name, { began, until, said: isDue ? now : known.said })
    if (!isDue) return null
    const before = known === undefined ? '' : `, and that for ${duration(now - began)} now`
    return `${name} ${troubleOf(error)}${before}: waiting ${duration(ms)}`
  }

  #nameOf(url: string): string {
    return this.#names.find(([address]) => url.startsWith(address))?.[1] ?? hostOf(url)
  }
}

function troubleOf(error: unknown): string {
  if (error instanceof StatusError)
    return error.status === 429 || error.retryAfterMs !== undefined
      ? `is busy (${error.status})`
      : `answers with status ${error.status}`
  if (error instanceof DeadlineError) return `does not answer (not within ${duration(error.waitedMs)})`
  if (error instanceof NoAnswerError) return `does not answer (${error.code})`
  return 'gives no good answer'
}

function hostOf(url: string): string {
  return URL.parse(url)?.host || url
}
