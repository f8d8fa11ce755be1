import { type Answer, Cut, type Instead } from '../server.ts'

/** An error of a command; `CommandError` in Kubo's own terms. */
export class RpcError extends Error {
  override name = 'RpcError'
}

/** Which Kubo the sandbox is like. */
export const version = '0.43.0'
const headers = { 'content-type': 'application/json', server: `kubo/${version}` }

/** Kubo's answer to a command that failed before it had answered anything. */
export function rpcFailure(message: string): Instead & Answer {
  return { status: 500, headers, body: `${JSON.stringify({ Message: message, Code: 0, Type: 'error' })}\n` }
}

/** A line a value. */
export function rpcAnswer(...values: readonly unknown[]): Answer {
  return { status: 200, headers, body: values.map((value) => `${JSON.stringify(value)}\n`).join('') }
}

/** Where a streamed answer ends before its time: with the error in its trailer, or with the connection cut. */
export interface Break {
  readonly afterLines: number
  readonly with: { readonly error: string } | 'cut'
}

/**
 * A streamed answer, a line a value. As in Kubo, its status is sent with the first line: an error before it is a 500,
 * an error after it leaves a 200 and is told in the trailer `X-Stream-Error`.
 */
export async function rpcStream(values: AsyncGenerator<object>, broken: Break | undefined): Promise<Answer> {
  const lines = broken === undefined ? values : breaking(values, broken)
  const first = await lines.next()
  let failed: RpcError | undefined
  async function* body() {
    try {
      if (!first.done) yield `${JSON.stringify(first.value)}\n`
      for await (const value of lines) yield `${JSON.stringify(value)}\n`
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      failed = error
    }
  }
  return {
    status: 200,
    headers: { ...headers, trailer: 'X-Stream-Error', 'x-chunked-output': '1' },
    body: body(),
    trailers: () => (failed === undefined ? {} : { 'X-Stream-Error': failed.message }),
  }
}

/** The same of bytes, a piece at a time, as `dag/export` has them. @param isTrailed whether the error is told */
export async function rpcBytes(
  pieces: AsyncGenerator<Uint8Array>,
  broken: Break | undefined,
  isTrailed: boolean,
): Promise<Answer> {
  const all = broken === undefined ? pieces : breaking(pieces, broken)
  const first = await all.next()
  let failed: RpcError | undefined
  async function* body() {
    try {
      if (!first.done) yield first.value
      yield* all
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      failed = error
    }
  }
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'application/vnd.ipld.car', trailer: 'X-Stream-Error' },
    body: body(),
    trailers: () => (failed === undefined || !isTrailed ? {} : { 'X-Stream-Error': failed.message }),
  }
}

async function* breaking<T>(values: AsyncGenerator<T>, broken: Break): AsyncGenerator<T> {
  let lines = 0
  for await (const value of values) {
    if (lines++ === broken.afterLines) break
    yield value
  }
  throw broken.with === 'cut' ? new Cut() : new RpcError(broken.with.error)
}
