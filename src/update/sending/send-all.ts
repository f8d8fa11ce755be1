import type { PinRequest } from '../../domain/pin.ts'
import type { UpdateAgenda } from '../../domain/plan-update.ts'
import { Blame, likenessOf } from '../../domain/sending.ts'
import { RequestError, ServiceError } from '../../errors.ts'
import type { RunTime } from '../../run-time.ts'
import { inStep } from '../../service/in-step.ts'
import type { BucketClient } from '../../service/pinning-service.ts'
import type { DoubtLooks, Look } from '../looks/doubt-looks.ts'
import type { Origins } from '../origins.ts'
import { type Answer, type Note, sendOne, wordsOf } from './send-one.ts'
import { type Turn, Turns } from './turns.ts'

/** Told of each CID as it is known what became of it; an error that it throws ends the sending. */
export interface SendEvents {
  /** The service has answered with a request. */
  accepted(turn: Turn, request: PinRequest): void
  /** It had it already, in the turn's bucket. */
  found(turn: Turn, request: PinRequest): void
  /** It may have it already, so that nothing was sent. `why` that is not known; `null` where it may yet be shown. */
  heldBack(turn: Turn, why: string | null): void
  /** It may have taken it. `reason` why its answer does not count; `null` where the end of the run cut it off. */
  doubted(turn: Turn, reason: string | null): void
  /** It was refused by somebody who need not be the service, and so were all: the service may have taken it. */
  notSurelyRefused(index: number, reason: string): void
  /** At the end, when it is known who is at fault: for its own sake, in the service's words. */
  refused(turn: Turn, words: string): void
  /** It was not asked for, for its own sake, and why. */
  leftAlone(why: string): void
}

/** How it ended. What nobody was told of was not sent. */
export interface SendResult {
  /** The service refused all of them with origins, and takes them without. */
  readonly refusedOrigins: string | null
  /** The fault of the whole service that ended it. */
  readonly serviceError: Error | null
  /** Why the last answer that did not count did not; `null` where all counted. */
  readonly unanswered: Error | null
}

export interface SendEdges {
  readonly clientOf: (bucket: string) => BucketClient
  readonly noteOf: (turn: Turn) => Note
  /** Whether the service has it already. */
  readonly looks: Pick<DoubtLooks, 'isNoted' | 'lookFor'>
  /** In an earlier run: the ledger has it for that. */
  readonly wasRefused: (index: number) => boolean
  /** The addresses that the service may fetch from. */
  readonly origins: Origins
  readonly events: SendEvents
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
  readonly index: number
  /** In the service's words. */
  readonly words: string
  /** Why it may have been taken all the same; `null` where it was not, for sure. */
  readonly doubt: string | null
  /** The first of those that are alike: a million errors would not fit. */
  readonly error: ServiceError
}

/**
 * Sends what is due, many at once, until a fault of the whole service or the end of the run. What the service may have
 * already is looked for as its turn comes, which is last: it holds up nothing else.
 * @param due indexes of the agenda, in their order
 */
export async function sendAll(
  agenda: UpdateAgenda,
  due: Uint32Array,
  edges: SendEdges,
  options: SendOptions,
): Promise<SendResult> {
  return new Sending(agenda, due, edges, options).run()
}

class Sending {
  readonly #agenda: UpdateAgenda
  readonly #edges: SendEdges
  readonly #options: SendOptions
  readonly #turns: Turns
  #origins: readonly string[]
  readonly #blame = new Blame<Refused>()
  readonly #errors = new Map<string, ServiceError>()
  #refusedOrigins: string | null = null
  #serviceError: Error | null = null
  #unanswered: Error | null = null
  readonly #fault = new AbortController()
  readonly #notAfter: AbortSignal

  constructor(agenda: UpdateAgenda, due: Uint32Array, edges: SendEdges, options: SendOptions) {
    this.#agenda = agenda
    this.#turns = new Turns(due, (index) => edges.looks.isNoted(index))
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
    const { events } = this.#edges
    for (const refused of this.#blame.refusals) {
      const { index, words, doubt } = refused
      if (!absolved.has(refused)) events.refused(this.#turnOf(index), words)
      else if (doubt !== null) events.notSurelyRefused(index, doubt)
    }
    return {
      refusedOrigins: this.#refusedOrigins,
      serviceError: this.#serviceError,
      unanswered: this.#unanswered,
    }
  }

  /** Sends until all had their turns, the run ends, or it is to be found out who is at fault. */
  async #round(): Promise<void> {
    await inStep(this.#inTurn(), this.#options.width, (index) =>
      this.#send(index).catch((error: unknown) => {
        // Those that wait for their turn at the gate are not sent any more.
        this.#fault.abort()
        throw error
      }),
    )
  }

  *#inTurn(): Generator<number> {
    while (!this.#notAfter.aborted && !this.#blame.isService) {
      const index = this.#turns.take()
      if (index === undefined) return
      yield index
    }
  }

  #turnOf(index: number): Turn {
    return { index, ...this.#agenda.at(index) }
  }

  async #send(index: number): Promise<void> {
    const turn = this.#turnOf(index)
    const look = await this.#look(turn)
    if (look?.kind === 'found') this.#edges.events.found({ ...turn, bucket: look.bucket }, look.request)
    else if (look?.kind === 'in-doubt') this.#edges.events.heldBack(turn, look.why)
    else if (look?.kind === 'free') await this.#sendFree(turn)
  }

  async #sendFree(turn: Turn): Promise<void> {
    const answer = await this.#ask(turn)
    if (answer === undefined) return
    const { events } = this.#edges
    if ('found' in answer) events.found(turn, answer.found)
    else if ('request' in answer) this.#accept(turn, answer.request)
    else if ('refusal' in answer) this.#refuse(turn, answer.refusal, answer.isSure)
    else if ('doubt' in answer) {
      events.doubted(turn, answer.doubt.message)
      this.#unanswered = answer.doubt
      this.#blame.unanswered()
      if (this.#blame.isSilent) this.#fail(answer.doubt)
    } else if ('cutOff' in answer) events.doubted(turn, null)
    else events.leftAlone(answer.leftAlone)
  }

  /** @returns `undefined` where it was not looked for, for a fault of the service or as the run ends */
  async #look(turn: Turn): Promise<Look | undefined> {
    try {
      return await this.#edges.looks.lookFor(turn)
    } catch (error) {
      if (!this.#options.time.isCutShort(error)) this.#fail(error)
      return undefined
    }
  }

  /** @returns `undefined` where it was not sent, for a fault of the service or as the run ends */
  async #ask(turn: Turn): Promise<Answer | undefined> {
    const { clientOf, noteOf, origins } = this.#edges
    const { cancelled: signal } = this.#options.time
    try {
      return await sendOne(clientOf(turn.bucket), turn, {
        origins: this.#origins.length > 0 ? await origins.of(turn.cid) : [],
        until: { signal, notAfter: this.#notAfter },
        note: noteOf(turn),
      })
    } catch (error) {
      if (!signal.aborted && error !== this.#notAfter.reason) this.#fail(error)
      return undefined
    }
  }

  #accept(turn: Turn, request: PinRequest): void {
    this.#blame.succeeded()
    this.#edges.events.accepted(turn, request)
  }

  #refuse({ index }: Turn, refusal: ServiceError, isSure: boolean): void {
    const likeness = likenessOf(refusal)
    const error = this.#errors.get(likeness) ?? refusal
    this.#errors.set(likeness, error)
    const refused = { index, words: wordsOf(refusal), doubt: isSure ? null : refusal.message, error }
    this.#blame.refused(refused, refusal, !this.#edges.wasRefused(index))
  }

  /** After a round: whether there is more to send. Where all are refused alike, one is tried without origins. */
  async #goesOn(): Promise<boolean> {
    if (this.#notAfter.aborted) return false
    const isEnd = this.#turns.left === 0
    const alike = this.#blame.alike(isEnd)
    const first = alike.find(({ doubt }) => doubt === null)
    if (first !== undefined && this.#origins.length > 0) {
      if (await this.#isTakenWithoutOrigins(first)) {
        this.#refusedOrigins = first.words
        this.#askAgain(alike, first)
        return this.#turns.left > 0
      }
      if (this.#notAfter.aborted) return false
    }
    const [one] = this.#blame.servicesOwn(isEnd)
    // One that was on its way when the round ended may have been taken.
    if (one === undefined) return this.#turns.left > 0 && !this.#blame.isService
    if (await this.#isSampleTaken()) return true
    this.#fail(one.error)
    return false
  }

  /**
   * Neighbours may share a fault of their own: some from anywhere tell whether it is the service's. What was refused in
   * an earlier run tells nothing of the others.
   */
  async #isSampleTaken(): Promise<boolean> {
    for (let n = 0; n < samples && !this.#notAfter.aborted; n++) {
      const sample = this.#turns.takeFromAnywhere((index) => !this.#edges.wasRefused(index))
      if (sample === undefined) return false
      await this.#send(sample)
      if (!this.#blame.isService) return true
    }
    return false
  }

  /** Tries one; where it is taken, none is sent with origins any more. */
  async #isTakenWithoutOrigins(refused: Refused): Promise<boolean> {
    const turn = this.#turnOf(refused.index)
    const origins = this.#origins
    this.#origins = []
    const answer = await this.#ask(turn)
    if (answer !== undefined && 'request' in answer) {
      this.#accept(turn, answer.request)
      return true
    }
    this.#origins = origins
    if (answer !== undefined && ('doubt' in answer || 'cutOff' in answer)) {
      this.#blame.drop(refused)
      this.#edges.events.doubted(turn, 'doubt' in answer ? answer.doubt.message : null)
    }
    return false
  }

  /** All but the one that was tried; but what may have been taken all the same is not sent twice. */
  #askAgain(alike: readonly Refused[], tried: Refused): void {
    this.#blame.absolve(alike)
    const again: number[] = []
    for (const refused of alike) {
      if (refused.doubt !== null) this.#edges.events.notSurelyRefused(refused.index, refused.doubt)
      else if (refused !== tried) again.push(refused.index)
    }
    this.#turns.again(again)
  }

  /** Nothing more is sent. */
  #fail(error: unknown): void {
    if (!(error instanceof ServiceError || error instanceof RequestError)) throw error
    this.#serviceError ??= error
    this.#fault.abort()
  }
}
