import type { Answer, Http, Request, StreamedAnswer } from '../../http/http.ts'
import { NodeEndpoint, type Query } from '../endpoint.ts'
import { jsonLines } from '../json-lines.ts'
import { isProxyInstead, isProxyServer } from '../wrong-kind.ts'
import { refusal } from './errors.ts'
import type { KuboRpc, RequestOptions } from './rpc.ts'

export interface WireOptions {
  readonly http: Http
  /** The address of the RPC API, without `/api/v0`; `unix:/path` is a socket. */
  readonly url: URL
  /** The `Authorization` header, where the node asks for one. */
  readonly authorization: string | undefined
}

/** Kubo's RPC API as it goes over the wire. */
export class KuboWire implements KuboRpc {
  readonly #http: Http
  readonly #endpoint: NodeEndpoint

  constructor(options: WireOptions) {
    this.#http = options.http
    this.#endpoint = new NodeEndpoint(options, 'api/v0/')
  }

  /** The node's address, as errors show it. */
  get shown(): string {
    return this.#endpoint.shown
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

  async read(
    path: string,
    query: Query,
    options: RequestOptions,
    onBytes: (piece: Uint8Array) => void,
  ): Promise<void> {
    const answer = await this.#http.openBytes(this.#request(path, query, options))
    for await (const piece of answer.chunks) onBytes(piece)
    if (isProxyServer(answer.server)) throw isProxyInstead(this.shown)
    throwAtEnd(answer)
  }

  asked(path: string): { readonly node: string; readonly path: string } {
    return { node: this.shown, path: `/api/v0/${path}` }
  }

  #request(path: string, query: Query, options: RequestOptions): Request {
    const { headers, ...to } = this.#endpoint.to(path, query)
    return { method: 'POST', ...options, ...to, headers: { ...headers, ...options.headers } }
  }
}

/** An error after the first byte comes after the last, under status 200 (measured). */
function throwAtEnd({ trailers }: Pick<StreamedAnswer, 'trailers'>): void {
  const failure = trailers['x-stream-error']
  if (failure !== undefined && failure !== '') throw refusal(failure)
}
