import type { Answer, Http, Request, StreamedAnswer } from '../../http/http.ts'
import { jsonLines } from '../json-lines.ts'
import { isProxyInstead, isProxyServer } from '../wrong-kind.ts'
import { refusal } from './errors.ts'
import type { KuboRpc, Query, RequestOptions } from './rpc.ts'

export interface WireOptions {
  readonly http: Http
  /** The address of the RPC API, without `/api/v0`; `unix:/path` is a socket. */
  readonly url: URL
  /** The `Authorization` header, where the node asks for one. */
  readonly authorization: string | undefined
}

/** Kubo's RPC API as it goes over the wire. */
export class KuboWire implements KuboRpc {
  /** The node's address, as errors show it. */
  readonly shown: string
  readonly #http: Http
  readonly #base: URL
  /** The path of the Unix socket that it is asked through, if any. */
  readonly #socket: string | undefined
  readonly #headers: Readonly<Record<string, string>>

  constructor({ http, url, authorization }: WireOptions) {
    this.#http = http
    const { protocol, host, pathname } = url
    const isSocket = protocol === 'unix:'
    this.#socket = isSocket ? pathname : undefined
    this.#base = isSocket
      ? new URL('http://localhost/api/v0/')
      : new URL(`${pathname.replace(/(?<!\/)\/+$/, '')}/api/v0/`, url)
    this.shown = isSocket ? url.href : `${protocol}//${host}`
    this.#headers = authorization === undefined ? {} : { authorization }
  }

  ask(path: string, query: Query, options: RequestOptions): Promise<Answer> {
    return this.#http.ask(this.#request(path, query, options))
  }

  async *stream(path: string, query: Query, options: RequestOptions): AsyncIterable<unknown> {
    const answer = await this.#http.open(this.#request(path, query, options))
    if (isProxyServer(answer.server)) {
      // What is not read to its end holds its connection until it is let go.
      for await (const _ of answer.chunks) break
      throw isProxyInstead(this.shown)
    }
    yield* jsonLines(answer.chunks)
    throwAtEnd(answer)
  }

  async count(
    path: string,
    query: Query,
    options: RequestOptions,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    const answer = await this.#http.openBytes(this.#request(path, query, options))
    for await (const { length } of answer.bytes) onBytes(length)
    if (isProxyServer(answer.server)) throw isProxyInstead(this.shown)
    throwAtEnd(answer)
  }

  asked(path: string): { readonly node: string; readonly path: string } {
    return { node: this.shown, path: `/api/v0/${path}` }
  }

  #request(path: string, query: Query, options: RequestOptions): Request {
    const url = new URL(path, this.#base)
    url.search = new URLSearchParams(query).toString()
    const way = this.#socket === undefined ? {} : { socket: this.#socket }
    return { method: 'POST', url, ...way, ...options, headers: { ...this.#headers, ...options.headers } }
  }
}

/** An error after the first byte comes after the last, under status 200 (measured). */
function throwAtEnd({ trailers }: Pick<StreamedAnswer, 'trailers'>): void {
  const failure = trailers['x-stream-error']
  if (failure !== undefined && failure !== '') throw refusal(failure)
}
