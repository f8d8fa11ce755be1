import type { Http, Request } from '../../http/http.ts'
import { NodeEndpoint, type Query } from '../endpoint.ts'
import { jsonLines } from '../json-lines.ts'
import { explain, refusal } from './errors.ts'

export type RequestOptions = Pick<Request, 'signal' | 'deadline' | 'repeatable' | 'tries'>

/** How the parts of the cluster's client ask its REST API. Errors come explained. A path has no slash before it. */
export class ClusterRest {
  readonly #http: Http
  readonly #endpoint: NodeEndpoint

  /**
   * @param options.url the address of the REST API; `unix:/path` is a socket
   * @param options.authorization the `Authorization` header, where the cluster asks for one
   */
  constructor(options: { http: Http; url: URL; authorization: string | undefined }) {
    this.#http = options.http
    this.#endpoint = new NodeEndpoint(options, '')
  }

  /** What errors call it. */
  get shown(): string {
    return this.#endpoint.shown
  }

  /** The answer as JSON; `undefined` where it has no body. */
  async ask(
    method: 'GET' | 'POST',
    path: string,
    query: Query,
    options: RequestOptions & { alsoAnswers?: number },
  ): Promise<{ readonly status: number; readonly json: unknown }> {
    try {
      const { status, text } = await this.#http.ask(this.#request(method, path, query, options))
      return { status, json: text === '' ? undefined : JSON.parse(text) }
    } catch (error) {
      throw this.explain(path, error)
    }
  }

  /** The lines of a streamed answer, which are worth nothing unless the stream ends without an error. */
  async *stream(path: string, query: Query, options: RequestOptions): AsyncIterable<unknown> {
    try {
      const answer = await this.#http.open(this.#request('GET', path, query, options))
      yield* jsonLines(answer.chunks)
      // An error after the first byte comes after the last, under status 200.
      const failure = answer.trailers['x-stream-error']
      if (failure !== undefined && failure !== '') throw refusal(failure)
    } catch (error) {
      throw this.explain(path, error)
    }
  }

  /** What it means that an answer of a path is not as it should be: see `explain`. */
  explain(path: string, error: unknown): unknown {
    return explain(error, { cluster: this.shown, path: `/${path}` })
  }

  /** What answers there to a call of Kubo's RPC, where it is not the REST API. */
  async isKubo(signal: AbortSignal): Promise<boolean> {
    try {
      const asking = { signal, deadline: 5_000, repeatable: false }
      const { text } = await this.#http.ask(this.#request('POST', 'api/v0/version', [], asking))
      return typeof (JSON.parse(text) as { Version?: unknown }).Version === 'string'
    } catch {
      signal.throwIfAborted()
      return false
    }
  }

  #request(method: 'GET' | 'POST', path: string, query: Query, options: RequestOptions): Request {
    return { method, ...options, ...this.#endpoint.to(path, query) }
  }
}
