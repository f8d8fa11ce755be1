import PQueue from 'p-queue'
import type { PinCid } from '../domain/cid.ts'
import type { Problem } from '../domain/problem.ts'
import { NodeError, RequestError, StatusError } from '../errors.ts'
import type { Http } from '../http/http.ts'
import type { BlockIntake } from '../node/node.ts'
import { Patience } from '../patience.ts'
import { longestTimer } from '../run-time.ts'
import { RateLimit } from '../service/rate-limit.ts'

/** So many CIDs are fetched at a time, of all gateways together; and so many requests a second go to each. */
const most = { atOnce: 4, perSecond: 5 }
/** How often one may fail for its own sake before it is left alone. */
const patienceWithOne = 3

interface Gateway {
  readonly url: URL
  readonly gate: RateLimit
  failures: number
  /** Why it is asked no more in this run. */
  leftAlone: string | null
}

/** What kept a CID from being had of a gateway; `isItsFault`: others will fare no better there. */
interface Failure {
  readonly reason: string
  readonly isItsFault: boolean
  readonly isForGood: boolean
}

/**
 * Trustless gateways: they give the blocks of a CID over HTTP, and the node holds each against its CID. What alters one is
 * left alone for the rest of the run, and so is what fails again and again.
 */
export class Gateways implements Disposable {
  readonly #gateways: readonly Gateway[]
  readonly #http: Http
  readonly #stallTimeout: number
  readonly #turns = new PQueue({ concurrency: most.atOnce })
  #problems: Problem[] = []

  constructor(urls: readonly URL[], http: Http, stallTimeout: number) {
    this.#gateways = urls.map((url) => ({
      url,
      gate: new RateLimit(most.perSecond),
      failures: 0,
      leftAlone: null,
    }))
    this.#http = http
    this.#stallTimeout = stallTimeout
  }

  /** Whether there is one that may be asked. */
  get areAny(): boolean {
    return this.#gateways.some(({ leftAlone }) => leftAlone === null)
  }

  /**
   * Has the node take in the blocks of a CID.
   * @returns why they could not be had; `undefined` where the node has taken them in
   * @throws the signal's reason, and a `NodeError`
   */
  async fetch(cid: PinCid, intake: BlockIntake, signal: AbortSignal): Promise<string | undefined> {
    return this.#turns.add(async () => {
      const reasons: string[] = []
      for (const gateway of this.#gateways) {
        signal.throwIfAborted()
        if (gateway.leftAlone !== null) continue
        const failure = await this.#fetchFrom(gateway, cid, intake, signal)
        if (failure === undefined) return undefined
        reasons.push(`${gateway.url.host}: ${failure.reason}`)
        this.#note(gateway, failure)
      }
      return reasons.length === 0 ? 'no gateway is left to ask' : reasons.join('; ')
    })
  }

  /** What is to be said of them since the last time. */
  takeProblems(): readonly Problem[] {
    const problems = this.#problems
    this.#problems = []
    return problems
  }

  [Symbol.dispose](): void {
    for (const { gate } of this.#gateways) gate[Symbol.dispose]()
  }

  async #fetchFrom(
    { url, gate }: Gateway,
    cid: PinCid,
    intake: BlockIntake,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    const stalled = new AbortController()
    const either = AbortSignal.any([signal, stalled.signal])
    using patience = new Patience(this.#stallTimeout, () => stalled.abort())
    patience.stop()
    /** It is only while it is asked that it is waited for: not while it is not its turn, or the gateway wants a rest. */
    const asked = async <T>(ask: () => Promise<T>) => {
      patience.restart()
      try {
        return await ask()
      } finally {
        patience.stop()
      }
    }
    const request = {
      method: 'GET',
      url: carOf(url, cid),
      headers: { accept: 'application/vnd.ipld.car' },
      signal: either,
      deadline: longestTimer,
      repeatable: true,
      tries: 2,
      mayUseProxy: true,
      gate: {
        pass: <T>(ask: () => Promise<T>, waiting: AbortSignal) => gate.pass(() => asked(ask), waiting),
        hold: (ms: number | undefined) => gate.hold(ms),
      },
    } as const
    try {
      const { bytes } = await this.#http.openBytes(request)
      const taken = await asked(() =>
        intake.takeIn(
          watched(bytes, () => patience.restart()),
          either,
        ),
      )
      if (taken.how === 'taken') return undefined
      const isAltered = taken.how === 'altered'
      return {
        reason: `the node refuses what it gives: ${taken.words}`,
        isItsFault: true,
        isForGood: isAltered,
      }
    } catch (error) {
      signal.throwIfAborted()
      if (stalled.signal.aborted)
        return {
          reason: `nothing more came for ${this.#stallTimeout / 1000} s`,
          isItsFault: true,
          isForGood: false,
        }
      if (error instanceof StatusError)
        return { reason: `status ${error.status}`, isItsFault: !lacks.has(error.status), isForGood: false }
      if (error instanceof NodeError && error.fault === 'unauthorised') return this.#endAll(error)
      if (error instanceof RequestError || error instanceof NodeError)
        return { reason: error.message, isItsFault: true, isForGood: false }
      throw error
    }
  }

  /** The node does not allow what it takes. */
  #endAll({ message }: NodeError): Failure {
    for (const gateway of this.#gateways) gateway.leftAlone ??= message
    this.#problems.push({
      where: 'gateways',
      message: `none is asked in this run: ${message} Gateways need dag/import (SECURITY.md).`,
      isError: false,
    })
    return { reason: message, isItsFault: false, isForGood: true }
  }

  #note(gateway: Gateway, { reason, isItsFault, isForGood }: Failure): void {
    if (!isItsFault || gateway.leftAlone !== null) return
    if (!isForGood && ++gateway.failures < patienceWithOne) return
    gateway.leftAlone = reason
    this.#problems.push({
      where: `gateway ${gateway.url.host}`,
      message: `it is left alone for the rest of this run: ${reason}`,
      isError: false,
    })
  }
}

/** Statuses by which a gateway says that it does not have a CID, or found nobody in time who has. */
const lacks = new Set([404, 410, 451, 500, 502, 504])

function carOf(url: URL, { text }: PinCid): URL {
  const car = new URL(`${url.pathname.replace(/\/$/, '')}/ipfs/${text}`, url)
  car.search = 'format=car&dag-scope=all'
  return car
}

async function* watched(bytes: AsyncIterable<Uint8Array>, onMore: () => void): AsyncIterable<Uint8Array> {
  for await (const some of bytes) {
    onMore()
    yield some
  }
}
