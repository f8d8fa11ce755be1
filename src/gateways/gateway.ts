import { isLate } from '../domain/asking-gateways.ts'
import { CarStart } from '../domain/car-start.ts'
import type { PinCid } from '../domain/cid.ts'
import { NodeError, RequestError, StatusError } from '../errors.ts'
import type { Gate, Http } from '../http/http.ts'
import type { ImportingNode, TakenIn } from '../node/node.ts'
import { Patience } from '../patience.ts'
import { longestTimer } from '../run-time.ts'
import { RateLimit } from '../service/rate-limit.ts'
import { size } from '../text/numbers.ts'

/** So many requests a second go to one. */
const perSecond = 5

/** So many bytes within `stall-timeout` are progress: what comes in drips would never end. */
const progress = 1_000_000

/** What is to be had of a gateway. */
export interface Wanted {
  readonly cid: PinCid
  /** Bytes of its content; `null` where that is not known. */
  readonly size: number | null
}

/** Told of each piece that comes, in bytes; throws a `NoMore` where nothing more of it is wanted. */
export type OnCome = (bytes: number) => void

/** Why no more is wanted of what a gateway gives. */
export class NoMore extends Error {
  override name = 'NoMore'
  readonly blame: Blame

  constructor(message: string, blame: Blame) {
    super(message)
    this.blame = blame
  }
}

/**
 * Whose fault it is: nobody's, as it lacks the CID, and was late to say so or not; its own, as it was too slow, once for
 * another reason, or for good; or the node's.
 */
export type Blame = 'none' | 'late' | 'slow' | 'once' | 'for-good' | 'node'

/** What kept a CID from being had of a gateway. */
export interface Failure {
  readonly reason: string
  readonly blame: Blame
  /** Of the node. */
  readonly error?: NodeError
}

/** Statuses by which a gateway says that it does not have a CID, or found nobody in time who has. */
const lacks = new Set([404, 410, 451, 500, 502, 504])

/** It is not asked again: the next one may have it. */
class Lacking extends Error {
  readonly status: number

  constructor(status: number) {
    super()
    this.status = status
  }
}

/** A trustless gateway. Nothing is sent to it but the CIDs that it is asked for. */
export class Gateway implements Disposable {
  readonly host: string
  readonly #url: URL
  readonly #http: Http
  readonly #stallTimeout: number
  readonly #gate = new RateLimit(perSecond)
  /** Since when it has answered nothing but that it wants a rest. */
  #restsSince: number | undefined

  constructor(url: URL, http: Http, stallTimeout: number) {
    this.host = url.host
    this.#url = url
    this.#http = http
    this.#stallTimeout = stallTimeout
  }

  /**
   * Has the node take in the blocks of a CID.
   * @param options.patience how long it may take before it begins, in ms
   * @returns why they could not be had; `undefined` where the node has taken them in
   * @throws the signal's reason
   */
  async fetch(
    { cid }: Wanted,
    options: { node: ImportingNode; patience: number; onCome: OnCome; signal: AbortSignal },
  ): Promise<Failure | undefined> {
    const { node, onCome, signal } = options
    const over = new AbortController()
    const either = AbortSignal.any([signal, over.signal])
    using patience = new Patience(this.#stallTimeout, () => over.abort())
    patience.stop()
    const asked = performance.now()
    let far: 'asked' | 'coming' | 'came' = 'asked'
    let sinceProgress = 0
    const start = new CarStart()
    async function* watched(bytes: AsyncIterable<Uint8Array>) {
      for await (const some of bytes) {
        sinceProgress += some.length
        if (sinceProgress >= progress) {
          patience.restart()
          sinceProgress = 0
        }
        start.add(some)
        // Kubo reads what it refuses to its end before it says so (measured), and that may have none.
        if (start.isCar === false) throw new NoMore('it gives no CAR', 'once')
        onCome(some.length)
        yield some
      }
      far = 'came'
      patience.restart()
    }
    try {
      const { chunks } = await this.#http.openBytes({
        method: 'GET',
        url: carOf(this.#url, cid),
        headers: { accept: 'application/vnd.ipld.car' },
        signal: either,
        deadline: longestTimer,
        repeatable: true,
        tries: 2,
        mayUseProxy: true,
        gate: this.#gateWith(() => patience.restart(options.patience), patience),
      })
      far = 'coming'
      patience.restart()
      return failureOf(await node.takeIn(cid, watched(chunks), either))
    } catch (error) {
      signal.throwIfAborted()
      if (over.signal.aborted) return this.#stalled(far, options.patience)
      if (error instanceof Lacking) return this.#lacks(error, performance.now() - asked)
      return this.#failureOf(error)
    } finally {
      // What the node has refused need not come to its end.
      over.abort()
    }
  }

  [Symbol.dispose](): void {
    this.#gate[Symbol.dispose]()
  }

  /** It is waited for only while it is asked: not while it is not its turn, or the gateway wants a rest. */
  #gateWith(onAsk: () => void, patience: Patience): Gate {
    return {
      pass: (ask, waiting) =>
        this.#gate.pass(async () => {
          onAsk()
          try {
            const answer = await ask()
            this.#restsSince = undefined
            return answer
          } catch (error) {
            if (error instanceof StatusError && lacks.has(error.status)) throw new Lacking(error.status)
            throw error
          } finally {
            patience.stop()
          }
        }, waiting),
      hold: (ms) => {
        const now = performance.now()
        this.#restsSince ??= now
        // What wants a longer rest is left alone instead: the run is not to wait for it.
        if (now + (ms ?? 0) - this.#restsSince > this.#stallTimeout) return undefined
        return this.#gate.hold(ms)
      },
    }
  }

  /** @param ms for which it was waited, rests that it wanted among them */
  #lacks({ status }: Lacking, ms: number): Failure {
    return { reason: `status ${status}`, blame: isLate(ms, this.#stallTimeout) ? 'late' : 'none' }
  }

  /** @param patience for which it was waited, where it did not begin */
  #stalled(far: 'asked' | 'coming' | 'came', patience: number): Failure {
    const seconds = (far === 'asked' ? patience : this.#stallTimeout) / 1000
    if (far === 'came') return { reason: `the node had not taken it in after ${seconds} s`, blame: 'node' }
    if (far === 'coming')
      return { reason: `less than ${size(progress)} more came within ${seconds} s`, blame: 'slow' }
    const blame = patience < this.#stallTimeout ? 'late' : 'once'
    return { reason: `nothing came within ${seconds} s`, blame }
  }

  #failureOf(error: unknown): Failure {
    if (error instanceof NoMore) return { reason: error.message, blame: error.blame }
    if (error instanceof NodeError) return { reason: error.message, blame: 'node', error }
    if (error instanceof StatusError) return this.#failureOfStatus(error)
    if (error instanceof RequestError) return { reason: error.message, blame: 'once' }
    throw error
  }

  #failureOfStatus({ status, retryAfterMs }: StatusError): Failure {
    if (status >= 300 && status < 400)
      return {
        reason: `status ${status}: it sends elsewhere, which is not followed; name the gateway that gives the blocks itself`,
        blame: 'once',
      }
    const isRest = status === 429 || retryAfterMs !== undefined
    return isRest
      ? {
          reason: `status ${status}: it wants a longer rest than ${this.#stallTimeout / 1000} s`,
          blame: 'for-good',
        }
      : { reason: `status ${status}`, blame: 'once' }
  }
}

function failureOf(taken: TakenIn): Failure | undefined {
  if (taken.how === 'taken') return undefined
  if (taken.how === 'partial') return { reason: 'it does not give all of its blocks', blame: 'once' }
  const blame = taken.how === 'altered' ? 'for-good' : 'once'
  return { reason: `the node refuses what it gives: ${taken.words}`, blame }
}

function carOf(url: URL, { text }: PinCid): URL {
  const car = new URL(`${url.pathname.replace(/\/$/, '')}/ipfs/${text}`, url)
  car.search = 'format=car&dag-scope=all'
  return car
}
