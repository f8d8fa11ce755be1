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
  /** What a refusal asks to wait, ms, that says so by its words alone; `undefined` for one that does not. */
  readonly waitIn?: (status: number, body: string) => number | undefined
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
   * @returns how long that is from now on, ms; `undefined` where it has asked for nothing but this for so long that
   *   waiting is of no use
   */
  hold(ms: number | undefined): number | undefined
}

/** What is told of requests while they are under way. */
export interface RequestEvents {
  /** Each time one was sent, and is over. */
  readonly onSent?: (sent: Sent) => void
  /** Before it is waited, until one may be sent again. */
  readonly onWait?: (wait: Wait) => void
}

/** A request that was sent, and what came of it. */
export interface Sent {
  readonly method: string
  /** As it may be shown. */
  readonly url: string
  /** How long it took, to the end of the answer, ms. */
  readonly took: number
  /** The answer; `undefined` where none counts. */
  readonly answer:
    | {
        readonly status: number
        /** All of it in pieces, or, where it was read as it came, in how many lines or bytes that was. */
        readonly body: readonly string[] | { readonly lines: number } | { readonly bytes: number }
      }
    | undefined
  /** Why none counts. */
  readonly error: unknown
}

export interface Wait {
  /** Of the request that has to wait, as it may be shown. */
  readonly url: string
  readonly ms: number
  /** What it came to before. */
  readonly error: unknown
}

export interface Answer {
  readonly status: number
  readonly text: string
  /** The text in pieces of some megabytes: what is done with a hundred of them in one go holds up everything else. */
  readonly pieces: readonly string[]
  /** The server's clock, ms since the epoch, where it tells it. */
  readonly date: number | undefined
}

/** An answer that is read as it comes, in pieces. */
export interface StreamedAnswer<Piece = string> {
  /** What the server calls itself, where it says. */
  readonly server: string | undefined
  /** Complete once all of the answer has come. */
  readonly trailers: Readonly<Record<string, string | undefined>>
  readonly chunks: AsyncIterable<Piece>
}
