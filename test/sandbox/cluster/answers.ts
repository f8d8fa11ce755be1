import { type Answer, json } from '../server.ts'

const headers = { 'content-type': 'application/json', trailer: 'X-Stream-Error' }
/** A real one names the trailer here too, which Node lets nobody do where there is no body. */
const noContent: Answer = { status: 204, body: '' }

export function refusal(code: number, message: string): Answer {
  return json(code, { code, message })
}

/**
 * A line a value. Where there is none, the status says so. An error after the first line leaves a 200 and is told in the
 * trailer, which is always there.
 */
export function restStream(values: readonly object[], failure?: string): Answer {
  if (values.length === 0) return failure === undefined ? noContent : refusal(500, failure)
  async function* body() {
    for (const value of values) {
      yield `${JSON.stringify(value)}\n`
      if (failure !== undefined) return
    }
  }
  return { status: 200, headers, body: body(), trailers: () => ({ 'X-Stream-Error': failure ?? '' }) }
}
