import type { Request } from '../http/http.ts'

export type Query = [string, string][]

/**
 * In bytes, of an answer that is read as a whole: it is parsed in one go, and what answers in the node's place may say
 * anything. Some 30,000 peers that a node is connected with have room.
 */
const longestAnswer = 8 * 1024 * 1024

/** Where the API of a node is, and who asks it. */
export class NodeEndpoint {
  /** What errors call it. */
  readonly shown: string
  readonly #base: URL
  /** The path of the Unix socket that it is asked through, if any. */
  readonly #socket: string | undefined
  readonly #headers: Readonly<Record<string, string>>

  /**
   * @param options.url as the input has it; `unix:/path` is a socket
   * @param options.authorization the `Authorization` header, where the node asks for one
   * @param api the path of the API below that: empty, or with a slash at its end
   */
  constructor({ url, authorization }: { url: URL; authorization: string | undefined }, api: string) {
    const { protocol, host, pathname } = url
    const isSocket = protocol === 'unix:'
    this.#socket = isSocket ? pathname : undefined
    this.#base = isSocket
      ? new URL(`http://localhost/${api}`)
      : new URL(`${pathname.replace(/(?<!\/)\/+$/, '')}/${api}`, url)
    this.shown = isSocket ? url.href : `${protocol}//${host}`
    this.#headers = authorization === undefined ? {} : { authorization }
  }

  /** What a request to a path of the API has. The path has no slash before it. */
  to(path: string, query: Query): Pick<Request, 'url' | 'headers' | 'socket' | 'maxBytes'> {
    const url = new URL(path, this.#base)
    url.search = new URLSearchParams(query).toString()
    const way = this.#socket === undefined ? {} : { socket: this.#socket }
    return { url, headers: this.#headers, maxBytes: longestAnswer, ...way }
  }
}
