export interface Request {
  readonly method: 'GET' | 'PATCH' | 'POST'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** A text has its secrets taken out; bytes are passed on as they are, and never repeated. */
  readonly body?: string | AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  /**
   * Once aborted, a request that still waits at its gate is not sent; one that was sent goes on. Must be aborted with
   * `signal` too.
   */
  readonly notAfter?: AbortSignal
  /** For the whole answer; for a streamed one, for its headers and for each silence after them. ms. */
  readonly deadline: number
  /**
   * Whether it may be sent twice without harm: only then is a failed request repeated. A request that a server with a
   * gate refused for its rate (429) was not carried out, and is always repeated.
   */
  readonly repeatable: boolean
  /** How often a repeatable request is tried. */
  readonly tries?: number
  /** A status after which it is worth trying again, besides those of every server. */
  readonly alsoPasses?: number
  /** A status that, where it comes with a time to wait, is a refusal for the rate, besides 429. */
  readonly alsoLimits?: number
  /** A status that counts as an answer here, besides 2xx. */
  readonly alsoAnswers?: number
  /** The largest answer that is read, in bytes; a longer one is a `BadAnswerError`. */
  readonly maxBytes?: number
  /** It may go through the proxy of this machine, if there is one. Requests to the node never do. */
  readonly mayUseProxy?: boolean
  /** It is sent through this Unix socket; of the URL only the path then matters. */
  readonly socket?: string
  /** Shown by errors in the place of the address, where that is a secret. */
  readonly shownUrl?: string
  /** Every try passes through it: the place of a rate limit. */
  readonly gate?: Gate
}

export interface Gate {
  /** @param waiting once aborted, a request that still waits for its turn fails at once */
  pass<T>(ask: () => Promise<T>, waiting: AbortSignal): Promise<T>
  /**
   * The server asked to wait, for `ms` where it said how long: nobody passes until then.
   * @returns `false` where it has asked for nothing but this for so long that waiting is of no use
   */
  hold(ms: number | undefined): boolean
}

export interface Answer {
  readonly status: number
  readonly text: string
  /** The server's clock, ms since the epoch, where it tells it. */
  readonly date: number | undefined
}

interface Opened {
  /** What the server calls itself, where it says. */
  readonly server: string | undefined
  /** Complete once all of the answer has come. */
  readonly trailers: Readonly<Record<string, string | undefined>>
}

export interface StreamedAnswer extends Opened {
  readonly chunks: AsyncIterable<string>
}

export interface ByteAnswer extends Opened {
  readonly bytes: AsyncIterable<Uint8Array>
}
