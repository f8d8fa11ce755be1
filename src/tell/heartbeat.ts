import { DeadlineError, NoAnswerError, RequestError, StatusError } from '../errors.ts'
import type { Http } from '../http/http.ts'

/** In ms: whatever it asks for, the job does not wait longer for a monitor. */
const patience = 60_000

/**
 * Tells a monitor that the run ended: a GET, with `/fail` after the path for a bad end (as healthchecks.io has it).
 * Returns a warning where that did not work. The address is a secret: no warning shows it.
 * @throws only the signal's reason
 */
export async function beat(
  http: Http,
  url: URL,
  outcome: 'good' | 'fail',
  signal: AbortSignal,
): Promise<string | null> {
  const enough = AbortSignal.timeout(patience)
  try {
    await http.ask({
      method: 'GET',
      url: outcome === 'fail' ? failUrl(url) : url,
      signal: AbortSignal.any([signal, enough]),
      deadline: 10_000,
      repeatable: true,
      tries: 3,
      maxBytes: 1024 * 1024,
      mayUseProxy: true,
      shownUrl: 'heartbeat-url',
    })
    return null
  } catch (error) {
    signal.throwIfAborted()
    const reason = error === enough.reason ? 'it asked to be left alone for longer than a minute' : why(error)
    return `the monitor at heartbeat-url was not told that the run ended: ${reason}. Check the input; the monitor may now report this run as missed.`
  }
}

function failUrl(url: URL): URL {
  const fail = new URL(url)
  fail.pathname = `${url.pathname.replace(/\/$/, '')}/fail`
  return fail
}

function why(error: unknown): string {
  // From the error's fields: its message may quote the address.
  if (error instanceof StatusError) return `it answered with status ${error.status}`
  const through = error instanceof RequestError && error.proxy ? ` through the proxy ${error.proxy}` : ''
  if (error instanceof DeadlineError) return `no answer within ${error.waitedMs / 1000} s${through}`
  if (error instanceof NoAnswerError) return `no answer (${error.code})${through}`
  return 'its answer could not be read'
}
