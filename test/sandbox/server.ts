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
  readonly body?: string | Uint8Array | AsyncIterable<string | Uint8Array>
  /** Asked once the body has been sent. */
  readonly trailers?: () => Readonly<Record<string, string>>
}

/** An answer in the place of the server's own; without a status only a delay. */
export interface Instead {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: NonNullable<Answer['body']>
  readonly delayMs?: number
  /** The request is done all the same: only its answer is lost. */
  readonly isDone?: boolean
}

/** How a request is answered that is done: with half of it, after which the socket closes or is silent; or a few bytes at a time. */
type Way = 'truncate' | 'stall' | 'drip'

/**
 * What goes wrong with one request. `hang`: nothing is done or answered; `cut` and `reset`: nothing is done, the socket
 * closes, in good order or not.
 */
export type Fault = Instead | 'hang' | 'cut' | 'reset' | Way

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
      if (fault === 'reset') return void message.socket.resetAndDestroy()
      if (typeof fault === 'object' && fault.delayMs !== undefined)
        await sleep(fault.delayMs, undefined, { signal: gone.signal })
      const own = isAnswer(fault) && fault.isDone !== true ? undefined : this.answer(request, gone.signal)
      const done = await own
      const answer = isAnswer(fault) ? fault : (done as Answer)
      request.status = answer.status
      await send(response, answer, typeof fault === 'string' ? fault : undefined, gone.signal)
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
    // A file may be of any bytes: each is a character then.
    body: Buffer.concat(chunks).toString(isOfBytes(message) ? 'latin1' : 'utf8'),
    at,
    status: undefined,
  }
}

const isOfBytes = ({ headers }: IncomingMessage) =>
  /^(multipart\/|application\/octet-stream)/.test(headers['content-type'] ?? '')

async function send(
  response: ServerResponse,
  answer: Answer,
  way: Way | undefined,
  gone: AbortSignal,
): Promise<void> {
  const { status, headers, body = '', trailers } = answer
  const bytes = typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : undefined
  const length = bytes === undefined ? {} : { 'content-length': bytes.length }
  response.writeHead(status, { date: clock(), ...headers, ...length })
  if (bytes !== undefined && way === undefined) return void response.end(bytes)
  response.flushHeaders()
  const chunks = bytes === undefined ? (body as AsyncIterable<string | Uint8Array>) : [bytes]
  for await (const chunk of chunks) {
    if (response.destroyed) return
    if (way === 'truncate') return void response.write(half(chunk), () => response.destroy())
    if (way === 'stall') return void response.write(half(chunk))
    if (way === 'drip') await drip(response, chunk, gone)
    else if (!response.write(chunk)) await canGoOn(response)
  }
  if (trailers !== undefined) response.addTrailers(trailers())
  response.end()
}

function half(chunk: string | Uint8Array): string | Uint8Array {
  return chunk.slice(0, chunk.length / 2)
}

async function drip(response: ServerResponse, chunk: string | Uint8Array, gone: AbortSignal): Promise<void> {
  const bytes = Buffer.from(chunk)
  for (let at = 0; at < bytes.length; at += 16) {
    response.write(bytes.subarray(at, at + 16))
    await sleep(1, undefined, { signal: gone })
  }
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
