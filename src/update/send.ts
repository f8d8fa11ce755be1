import type { PinRequest } from '../domain/pin.ts'
import type { Wanted } from '../domain/plan-update.ts'
import { Blame } from '../domain/sending.ts'
import { RequestError, ServiceError } from '../errors.ts'
import type { RunTime } from '../run-time.ts'
import { inStep } from '../service/in-step.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import { type Asked, askService, type Note, wordsOf } from './ask-service.ts'
import type { DoubtLooks, Found, Look } from './look-for-doubts.ts'
import type { Origins } from './origins.ts'

/** A CID that the service has a request for now: there may be a million of them. */
export interface Accepted extends Pick<PinRequest, 'status'> {
  readonly wanted: Wanted
}

/** What became of what was to be sent; what was refused for its own sake is in none of these. */
export interface SendResult {
  readonly accepted: readonly (Accepted & Pick<PinRequest, 'created'>)[]
  /** What it had already, though no listing shows it. */
  readonly found: readonly Found[]
  /** What earlier runs sent, or had seen, and what may still be there. */
  readonly doubted: readonly Wanted[]
  /** Why it is not known whether some are there. */
  readonly gaps: readonly string[]
  /** What the service may have taken, although it did not say so. */
  readonly doubtful: readonly Doubtful[]
  readonly unsent: readonly Wanted[]
  /** Why some were not asked for, for their own sake. */
  readonly leftAlone: readonly string[]
  /** The service refused all of them with origins, and takes them without. */
  readonly refusedOrigins: string | null
  /** The fault of the whole service that ended it. */
  readonly serviceError: Error | null
}

export interface Doubtful {
  readonly wanted: Wanted
  /** Why its answer does not count; `null` where it was cut off by the end of the run. */
  readonly reason: string | null
}

export interface SendEdges {
  readonly clientOf: (bucket: string) => BucketClient
  readonly noteOf: (wanted: Wanted) => Note
  /** Whether the service has it already. */
  readonly looks: Pick<DoubtLooks, 'isNoted' | 'isOpen' | 'lookFor'>
  /** In an earlier run: the ledger has it for that. */
  readonly wasRefused: (wanted: Wanted) => boolean
  /** The addresses that the service may fetch from. */
  readonly origins: Origins
  /** Called as each result is known; an error that it throws ends the sending. */
  readonly onAccepted: (wanted: Wanted, request: PinRequest) => void
  readonly onFound: (found: Found) => void
  /** It is not sent, or not again. */
  readonly onDoubtful: (wanted: Wanted) => void
  /** Called at the end, when it is known who is at fault. */
  readonly onRefused: (wanted: Wanted, reason: string) => void
}

export interface SendOptions {
  /** How many requests are worth having in flight, by now. */
  readonly width: () => number
  /** Cancelled, what is in flight is cut off; when it is over, nothing more is sent. */
  readonly time: RunTime
}

/** So many of what is left are tried before a refusal is taken for the service's. */
const samples = 3

interface Refused {
  readonly wanted: Wanted
  readonly error: ServiceError
  readonly isSure: boolean
}

/**
 * Sends what is due, many at once, until a fault of the whole service or the end of the run. What the service may have
 * already is looked for as its turn comes, which is last: it holds up nothing else.
 */
export async function sendAll(
  due: readonly Wanted[],
  edges: SendEdges,
  options: SendOptions,
): Promise<SendResult> {
  return new Sending(due, edges, options).run()
}

class Sending {
  readonly #edges: SendEdges
  readonly #options: SendOptions
  /** Those before `#next` are done with. */
  #queue: Wanted[]
  #next = 0
  #origins: readonly string[]
  readonly #blame = new Blame<Refused>()
  readonly #accepted: SendResult['accepted'][number][] = []
  readonly #found: Found[] = []
  readonly #doubted: Wanted[] = []
  readonly #gaps: string[] = []
  readonly #doubtful: Doubtful[] = []
  readonly #unsent: Wanted[] = []
  readonly #leftAlone: string[] = []
  #refusedOrigins: string | null = null
  #serviceError: Error | null = null
  readonly #fault = new AbortController()
  readonly #notAfter: AbortSignal

  constructor(due: readonly Wanted[], edges: SendEdges, options: SendOptions) {
    const isNoted = (wanted: Wanted) => edges.looks.isNoted(wanted)
    this.#queue = [...due.filter((wanted) => !isNoted(wanted)), ...due.filter(isNoted)]
    this.#edges = edges
    this.#options = options
    this.#origins = edges.origins.all
    this.#notAfter = AbortSignal.any([options.time.inTime, this.#fault.signal])
  }

  async run(): Promise<SendResult> {
    do await this.#round()
    while (await this.#goesOn())
    // What the service refuses to all is nobody's own.
    const absolved = new Set(this.#blame.servicesOwn(true))
    for (const refused of this.#blame.refusals) {
      const { wanted, error, isSure } = refused
      if (!absolved.has(refused)) this.#edges.onRefused(wanted, wordsOf(error))
      else if (isSure) this.#unsent.push(wanted)
      else this.#doubtful.push({ wanted, reason: error.message })
    }
    const unsent = [...this.#unsent, ...this.#queue.slice(this.#next)]
    const isOpen = (wanted: Wanted) => this.#edges.looks.isOpen(wanted)
    return {
      accepted: this.#accepted,
      found: this.#found,
      doubted: [...this.#doubted, ...unsent.filter(isOpen)],
      gaps: this.#gaps,
      doubtful: this.#doubtful,
      unsent: unsent.filter((wanted) => !isOpen(wanted)),
      leftAlone: this.#leftAlone,
      refusedOrigins: this.#refusedOrigins,
      serviceError: this.#serviceError,
    }
  }

  /** Sends until the queue is empty, the run ends, or it is to be found out who is at fault. */
  async #round(): Promise<void> {
    try {
      await inStep(this.#turns(), this.#options.width, (wanted) => this.#send(wanted))
    } catch (error) {
      this.#fault.abort()
      throw error
    }
  }

  *#turns(): Generator<Wanted> {
    while (!this.#notAfter.aborted && !this.#blame.isService) {
      const wanted = this.#take()
      if (wanted === undefined) return
      yield wanted
    }
  }

  #take(): Wanted | undefined {
    return this.#next < this.#queue.length ? this.#queue[this.#next++] : undefined
  }

  /** Neighbours may share a fault of their own: some from anywhere tell whether it is the service's. */
  async #isSampleTaken(): Promise<boolean> {
    for (let n = 0; n < samples && !this.#notAfter.aborted; n++) {
      const sample = this.#takeSample()
      if (sample === undefined) return false
      await this.#send(sample)
      if (!this.#blame.isService) return true
    }
    return false
  }

  /** One of those left that may well be taken: what was refused in an earlier run tells nothing of the others. */
  #takeSample(): Wanted | undefined {
    const places: number[] = []
    for (let place = this.#next; place < this.#queue.length; place++)
      if (!this.#edges.wasRefused(this.#queue[place] as Wanted)) places.push(place)
    const place = places[Math.floor(Math.random() * places.length)]
    return place === undefined ? undefined : this.#queue.splice(place, 1)[0]
  }

  async #send(wanted: Wanted): Promise<void> {
    const look = await this.#look(wanted)
    if (look === undefined) this.#unsent.push(wanted)
    else if (look.kind === 'found') this.#find(look)
    else if (look.kind === 'free') await this.#sendFree(wanted)
    else {
      this.#doubted.push(wanted)
      if (look.why !== null) this.#gaps.push(look.why)
      this.#edges.onDoubtful(wanted)
    }
  }

  async #sendFree(wanted: Wanted): Promise<void> {
    const asked = await this.#ask(wanted)
    if (asked === undefined) this.#unsent.push(wanted)
    else if ('found' in asked) this.#find({ wanted, request: asked.found })
    else if ('request' in asked) this.#accept(wanted, asked.request)
    else if ('refusal' in asked) {
      const { refusal: error, isSure } = asked
      this.#blame.refused({ wanted, error, isSure }, error, !this.#edges.wasRefused(wanted))
    } else if ('doubt' in asked) {
      this.#doubt(wanted, asked.doubt.message)
      this.#blame.unanswered()
      if (this.#blame.isSilent) this.#fail(asked.doubt)
    } else if ('cutOff' in asked) this.#doubt(wanted, null)
    else {
      this.#unsent.push(wanted)
      this.#leftAlone.push(asked.leftAlone)
    }
  }

  /** @returns `undefined` where it was not looked for, for a fault of the service or as the run ends */
  async #look(wanted: Wanted): Promise<Look | undefined> {
    try {
      return await this.#edges.looks.lookFor(wanted)
    } catch (error) {
      if (!this.#options.time.isCutShort(error)) this.#fail(error)
      return undefined
    }
  }

  /** @returns `undefined` where it was not sent, for a fault of the service or as the run ends */
  async #ask(wanted: Wanted): Promise<Asked | undefined> {
    const { clientOf, noteOf, origins } = this.#edges
    const { cancelled: signal } = this.#options.time
    try {
      return await askService(clientOf(wanted.bucket), wanted, {
        origins: this.#origins.length > 0 ? await origins.of(wanted.cid) : [],
        until: { signal, notAfter: this.#notAfter },
        note: noteOf(wanted),
      })
    } catch (error) {
      if (!signal.aborted && error !== this.#notAfter.reason) this.#fail(error)
      return undefined
    }
  }

  #find({ wanted, request }: Found): void {
    this.#found.push({ wanted, request })
    this.#edges.onFound({ wanted, request })
  }

  #accept(wanted: Wanted, request: PinRequest): void {
    this.#blame.succeeded()
    const { created, status } = request
    this.#accepted.push({ wanted, created, status })
    this.#edges.onAccepted(wanted, request)
  }

  /** After a round: whether there is more to send. Where all are refused alike, one is tried without origins. */
  async #goesOn(): Promise<boolean> {
    if (this.#notAfter.aborted) return false
    const isEnd = this.#next === this.#queue.length
    const alike = this.#blame.alike(isEnd)
    const first = alike.find(({ isSure }) => isSure)
    if (first !== undefined && this.#origins.length > 0) {
      if (await this.#isTakenWithoutOrigins(first)) {
        this.#refusedOrigins = wordsOf(first.error)
        this.#askAgain(alike, first)
        return this.#next < this.#queue.length
      }
      if (this.#notAfter.aborted) return false
    }
    const [one] = this.#blame.servicesOwn(isEnd)
    if (one === undefined) return false
    if (await this.#isSampleTaken()) return true
    this.#fail(one.error)
    return false
  }

  /** Tries one; where it is taken, none is sent with origins any more. */
  async #isTakenWithoutOrigins(refused: Refused): Promise<boolean> {
    const { wanted } = refused
    const origins = this.#origins
    this.#origins = []
    const asked = await this.#ask(wanted)
    if (asked !== undefined && 'request' in asked) {
      this.#accept(wanted, asked.request)
      return true
    }
    this.#origins = origins
    if (asked !== undefined && ('doubt' in asked || 'cutOff' in asked)) {
      this.#blame.drop(refused)
      this.#doubt(wanted, 'doubt' in asked ? asked.doubt.message : null)
    }
    return false
  }

  #doubt(wanted: Wanted, reason: string | null): void {
    this.#doubtful.push({ wanted, reason })
    if (reason !== null) this.#edges.onDoubtful(wanted)
  }

  /** All but the one that was tried; but what may have been taken all the same is not sent twice. */
  #askAgain(alike: readonly Refused[], tried: Refused): void {
    this.#blame.absolve(alike)
    const again: Wanted[] = []
    for (const refused of alike) {
      const { wanted, error, isSure } = refused
      if (!isSure) this.#doubtful.push({ wanted, reason: error.message })
      else if (refused !== tried) again.push(wanted)
    }
    this.#queue = again.concat(this.#queue.slice(this.#next))
    this.#next = 0
  }

  /** Nothing more is sent. */
  #fail(error: unknown): void {
    if (!(error instanceof ServiceError || error instanceof RequestError)) throw error
    this.#serviceError ??= error
    this.#fault.abort()
  }
}
