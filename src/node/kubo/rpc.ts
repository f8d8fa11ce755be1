import type { Answer, Request } from '../../http/http.ts'
import type { Query } from '../endpoint.ts'

export type RequestOptions = Pick<
  Request,
  'signal' | 'deadline' | 'repeatable' | 'tries' | 'alsoAnswers' | 'body' | 'headers'
>

/** How the parts of Kubo's client ask it. A path is what comes after `/api/v0/`. */
export interface KuboRpc {
  ask(path: string, query: Query, options: RequestOptions): Promise<Answer>
  /** The lines of a streamed answer, which are worth nothing unless the stream ends without an error. */
  stream(path: string, query: Query, options: RequestOptions): AsyncIterable<unknown>
  /**
   * Reads an answer as it comes, and throws it away: worth nothing unless it ends without an error.
   * @param onBytes called with each piece
   */
  read(
    path: string,
    query: Query,
    options: RequestOptions,
    onBytes: (piece: Uint8Array) => void,
  ): Promise<void>
  /** What errors call the node and the path. */
  asked(path: string): { readonly node: string; readonly path: string }
}
