import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** When it came in, in ms since the epoch. */
  readonly at: number
  /** What it was answered; `undefined` until then, and where it never was. */
  status: number | undefined
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent chunk by chunk where it is an iterable; one that throws cuts the connection there. */
  readonly body?: string | AsyncIterable<string>
  /** Asked once the body has been sent. */
  readonly trailers?: () => Readonly<Record<string, string>>
}

/** An answer in the place of the server's own; without a status only a delay. */
export interface Instead {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly delayMs?: number
  /** The request is done all the same: only its answer is lost. */
  readonly isDone?: boolean
}

/**
 * What goes wrong with one request. `hang`: nothing is done or answered; `cut`: nothing is done, the socket closes;
 * `truncate`: it is done, but only half of the answer arrives.
 */
type Fault = Instead | 'hang' | 'cut' | 'truncate'

/** Decides about every request before the server sees it; `undefined` lets it pass. */
export type Intercept = (request: RecordedRequest) => Fault | undefined

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

/** An HTTP server on loopback that keeps what it was asked and fails when a test wants it to. */
export abstract class SandboxServer implements AsyncDisposable {
  /** Every request, in the order in which they came. */
  readonly requests: RecordedRequest[] = []
  intercept: Intercept | undefined
  readonly #server = createServer((message, response) => void this.#serve(message, response))
  #port = 0

  /** `http://127.0.0.1:PORT` */
  get origin(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens; after `stop`, on the same port as before: who was given it meanwhile is waited for. */
  async listen(): Promise<this> {
    for (let tries = 1; !this.#server.listening; tries++) {
      this.#server.listen(this.#port, '127.0.0.1')
      await once(this.#server, 'listening').catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE' || tries === 1000) throw error
        await sleep(50)
      })
    }
    this.#port = (this.#server.address() as AddressInfo).port
    return this
  }

  /** Cuts every connection and refuses new ones until `listen`. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** @param signal aborts when the client hangs up */
  protected abstract answer(request: RecordedRequest, signal: AbortSignal): Answer | Promise<Answer>

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    // A client may hang up at any time; its side sees what it did.
    message.on('error', () => gone.abort())
    response.on('error', () => gone.abort())
    try {
      const request = await record(message)
      this.requests.push(request)
      const fault = this.intercept?.(request)
      if (fault === 'hang') return
      if (fault === 'cut') return void response.destroy()
      if (typeof fault === 'object' && fault.delayMs !== undefined)
        await sleep(fault.delayMs, undefined, { signal: gone.signal })
      const own = isAnswer(fault) && fault.isDone !== true ? undefined : this.answer(request, gone.signal)
      const done = await own
      const answer = isAnswer(fault) ? fault : (done as Answer)
      request.status = answer.status
      await send(response, answer, fault === 'truncate')
    } catch (error) {
      response.destroy()
      if (!gone.signal.aborted && !(error instanceof Cut)) throw error
    }
  }
}

/** Thrown by a streamed body to cut the connection at that place. */
export class Cut extends Error {
  override name = 'Cut'
}

function isAnswer(fault: Fault | undefined): fault is Instead & { status: number } {
  return typeof fault === 'object' && fault.status !== undefined
}

async function record(message: IncomingMessage): Promise<RecordedRequest> {
  const at = Date.now()
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const { pathname, searchParams } = new URL(message.url ?? '/', 'http://sandbox')
  return {
    method: message.method ?? '',
    path: pathname,
    query: searchParams,
    headers: message.headers,
    body: Buffer.concat(chunks).toString('utf8'),
    at,
    status: undefined,
  }
}

async function send(response: ServerResponse, answer: Answer, truncated: boolean): Promise<void> {
  const { status, headers, body = '', trailers } = answer
  if (typeof body === 'string') {
    const bytes = Buffer.from(body)
    response.writeHead(status, { date: clock(), ...headers, 'content-length': bytes.length })
    if (!truncated) return void response.end(bytes)
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
    return
  }
  response.writeHead(status, { date: clock(), ...headers })
  response.flushHeaders()
  for await (const chunk of body) {
    if (response.destroyed) return
    if (truncated) return void response.write(chunk, () => response.destroy())
    if (!response.write(chunk)) await canGoOn(response)
  }
  if (trailers !== undefined) response.addTrailers(trailers())
  response.end()
}

/** Node would tell the machine's time also where a test has set another. */
function clock(): string {
  return new Date().toUTCString()
}

/** Until more can be written, or nobody is there any more. */
function canGoOn(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}
