export interface Request {
  readonly method: 'GET' | 'PATCH' | 'POST'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
  /**
   * A request that is still waiting at its gate when this is aborted is not sent; one that was sent goes on. Whatever
   * aborts `signal` aborts this too.
   */
  readonly notAfter?: AbortSignal
  /** For the whole answer; for a streamed one, for its headers and for each silence after them. ms. */
  readonly deadline: number
  /**
   * Whether asking twice does no more than asking once: only then is a failed request repeated. What a gate's server
   * refused for its rate (429) was not done, and is always repeated.
   */
  readonly repeatable: boolean
  /** How often a repeatable request is tried. */
  readonly tries?: number
  /** A status that may pass besides those of every server. */
  readonly alsoPasses?: number
  /** A status that, with a time to wait, is a refusal for the rate, besides 429. */
  readonly alsoLimits?: number
  /** A status that is an answer here, besides the 2xx. */
  readonly alsoAnswers?: number
  /** The largest answer that is read, in bytes; what is longer is a `BadAnswerError`. */
  readonly maxBytes?: number
  /** Goes through the proxy that the machine has for it, if any. What goes to the node never does. */
  readonly mayUseProxy?: boolean
  /** Asked through this Unix socket; the URL then gives the path only. */
  readonly socket?: string
  /** What errors call the address, where the address itself is a secret. */
  readonly shownUrl?: string
  /** Every try passes through it: the place of a rate limit. */
  readonly gate?: Gate
}

export interface Gate {
  /** @param waiting aborted, one that is still waiting for its turn does not pass any more, and fails at once */
  pass<T>(ask: () => Promise<T>, waiting: AbortSignal): Promise<T>
  /**
   * The server asked to be left alone, for so many ms where it said: nobody passes until then.
   * @returns `false` where it has asked for nothing else for so long that waiting is no use
   */
  hold(ms: number | undefined): boolean
}

export interface Answer {
  readonly status: number
  readonly text: string
  /** The server's clock, ms since the epoch, where it tells it. */
  readonly date: number | undefined
}

export interface StreamedAnswer {
  readonly chunks: AsyncIterable<Buffer>
  /** Complete once `chunks` has ended. */
  readonly trailers: Readonly<Record<string, string | undefined>>
}
