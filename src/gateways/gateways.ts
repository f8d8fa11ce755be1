import PQueue from 'p-queue'
import { type AskedGateway, nextToAsk, patienceWith } from '../domain/asking-gateways.ts'
import type { Problem } from '../domain/problem.ts'
import type { Http } from '../http/http.ts'
import type { Coming, Intake } from '../intake.ts'
import type { ImportingNode } from '../node/node.ts'
import { count } from '../text/numbers.ts'
import { type Failure, Gateway, NoMore, type OnCome, type Wanted } from './gateway.ts'

/** So many CIDs are fetched at a time, of all gateways together. */
const atOnce = 4
/** How often a gateway, or the node with what it is given, may fail for its own sake. */
const patience = 3
/** A CAR has more than its content: names, links, and a CID for each block. What gives more than this gives something else. */
const mostBytes = (size: number) => 4 * size + 16 * 1024 * 1024

interface Standing extends AskedGateway {
  readonly gateway: Gateway
  asked: number
  lateNos: number
  failures: number
  isLeftAlone: boolean
  /** It was given up as too slow, so often since that was last told. */
  slow: { cids: number; reason: string }
}

/**
 * Trustless gateways: they give the blocks of a CID over HTTP, and the node holds each against its CID. What alters one is
 * left alone for the rest of the run, and so is what fails again and again. What they give counts as fetched.
 */
export class Gateways implements Disposable {
  readonly #gateways: readonly Standing[]
  readonly #intake: Intake
  readonly #stallTimeout: number
  readonly #turns = new PQueue({ concurrency: atOnce })
  #failuresOfNode = 0
  #problems: Problem[] = []

  constructor(
    urls: readonly URL[],
    { http, intake, stallTimeout }: { http: Http; intake: Intake; stallTimeout: number },
  ) {
    this.#intake = intake
    this.#stallTimeout = stallTimeout
    this.#gateways = urls.map((url) => ({
      gateway: new Gateway(url, http, stallTimeout),
      asked: 0,
      lateNos: 0,
      failures: 0,
      isLeftAlone: false,
      slow: { cids: 0, reason: '' },
    }))
  }

  /** Whether there is one that may be asked. */
  get areAny(): boolean {
    return !this.#intake.isClosed && this.#usable.length > 0
  }

  get #usable(): readonly Standing[] {
    return this.#gateways.filter(({ isLeftAlone }) => !isLeftAlone)
  }

  /**
   * Has the node take in the blocks of a CID.
   * @returns why they could not be had; `undefined` where the node has taken them in
   * @throws the signal's reason
   */
  async fetch(wanted: Wanted, node: ImportingNode, signal: AbortSignal): Promise<string | undefined> {
    return this.#turns.add(async () => {
      signal.throwIfAborted()
      using coming = await this.#intake.admit(wanted, signal)
      if (coming === undefined) return 'the gateways are not asked: no more is to be fetched'
      const reasons = new Map<Standing, string>()
      for (let next = this.#next(reasons); next !== undefined; next = this.#next(reasons)) {
        const onCome = this.#counted(wanted, coming)
        const failure = await this.#ask(next, wanted, { node, onCome, signal })
        if (failure === undefined) return undefined
        reasons.set(next, `${next.gateway.host}: ${failure.reason}`)
        this.#note(next, failure)
      }
      return reasons.size === 0 ? 'no gateway is left to ask' : [...reasons.values()].join('; ')
    })
  }

  #next(asked: ReadonlyMap<Standing, unknown>): Standing | undefined {
    const usable = this.#usable
    const left = usable.filter((standing) => !asked.has(standing))
    return nextToAsk(left, { atOnce, sharing: usable.length })
  }

  async #ask(
    standing: Standing,
    wanted: Wanted,
    edges: { node: ImportingNode; onCome: OnCome; signal: AbortSignal },
  ): Promise<Failure | undefined> {
    const patience = patienceWith(standing, this.#stallTimeout)
    standing.asked++
    try {
      const failure = await standing.gateway.fetch(wanted, { ...edges, patience })
      if (failure === undefined) standing.lateNos = 0
      return failure
    } finally {
      standing.asked--
    }
  }

  /** What is to be said of them since the last time. */
  takeProblems(): readonly Problem[] {
    for (const { gateway, slow } of this.#usable) {
      if (slow.cids === 0) continue
      const message = `it was too slow for ${count(slow.cids, 'CID')}, and given up for that: ${slow.reason}`
      this.#problems.push({ where: `gateway ${gateway.host}`, message, isError: false })
      slow.cids = 0
    }
    const problems = this.#problems
    this.#problems = []
    return problems
  }

  [Symbol.dispose](): void {
    for (const { gateway } of this.#gateways) gateway[Symbol.dispose]()
  }

  /** Ends what has no end: each of its blocks may be right. */
  #counted({ size }: Wanted, coming: Coming): OnCome {
    const most = size === null ? Number.POSITIVE_INFINITY : mostBytes(size)
    let came = 0
    let mostInRoom: number | undefined
    return (bytes) => {
      came += bytes
      coming.more(bytes)
      if (came > most) throw new NoMore('it gives far more than the content has', 'once')
      const { room } = this.#intake
      // The first time that it is known: what the node does not keep leaves the room as it is.
      if (room !== null) mostInRoom ??= came + room
      if (mostInRoom !== undefined && came > mostInRoom)
        throw new NoMore('the node has no room for more of it', 'none')
    }
  }

  #note(standing: Standing, { reason, blame, error }: Failure): void {
    if (blame === 'none' || standing.isLeftAlone) return
    if (blame === 'node') {
      const isSure = error?.fault === 'unauthorised' || error?.fault === 'no-space'
      if (isSure || ++this.#failuresOfNode >= patience) this.#leaveAll(reason)
      return
    }
    if (blame === 'late') {
      standing.lateNos++
      return
    }
    if (blame === 'slow') standing.slow = { cids: standing.slow.cids + 1, reason }
    if (blame !== 'for-good' && ++standing.failures < patience) return
    standing.isLeftAlone = true
    this.#problems.push({
      where: `gateway ${standing.gateway.host}`,
      message: `it is left alone for the rest of this run: ${reason}`,
      isError: false,
    })
  }

  /** Whatever they give, the node does not take it. */
  #leaveAll(reason: string): void {
    for (const standing of this.#gateways) standing.isLeftAlone = true
    this.#problems.push({
      where: 'gateways',
      message: `none is asked in this run: ${reason} Gateways need dag/import (SECURITY.md).`,
      isError: false,
    })
  }
}
