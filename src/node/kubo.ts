import type { z } from 'zod'
import { cidForms, type PinCid, parseCid } from '../domain/cid.ts'
import { dialable, type PeerAddresses, type PeeringConfig } from '../domain/peering.ts'
import type { Reachability } from '../domain/reachability.ts'
import { NodeError, PeerError, PinError } from '../errors.ts'
import type { Http, Request, StreamedAnswer } from '../http.ts'
import { jsonLines } from './json-lines.ts'
import {
  autonat,
  dagCount,
  foundPins,
  identity,
  kuboMessage,
  peeredPeers,
  peeringAdded,
  peeringConfig,
  pinLine,
  routingEvent,
  streamedPin,
  swarmPeers,
  version,
} from './kubo-answers.ts'
import { explain, explainAnswer, isMalformed, Refusal, refusal } from './kubo-errors.ts'
import type {
  HowPinned,
  LocalSize,
  NodeIdentity,
  NodePin,
  PeeringNode,
  PinProgress,
  Providers,
} from './node.ts'

/** How long the node may be silent, in ms. */
const deadlines = {
  answer: 30_000,
  /** A dial may try many transports; Kubo itself ends one after some 15 s. */
  dial: 20_000,
  list: 120_000,
  /** Kubo writes a line every 500 ms, but nothing while it waits for a garbage collection to end. */
  pin: 300_000,
}

/** For how long one look may take as a whole, ms; what was found until then is taken. */
const longest = { pinned: 20_000, size: 10_000, providers: 10_000 }
const mostProviders = 10
/** A node says what it likes: no peer has more addresses worth showing. */
const mostAddresses = 20

/** A Kubo node, by its RPC API. */
export class Kubo implements PeeringNode {
  readonly kind = 'kubo'
  readonly peering = this
  readonly #http: Http
  readonly #base: URL
  readonly #shown: string
  readonly #headers: Readonly<Record<string, string>>

  /**
   * @param options.url the address of the RPC API, without `/api/v0`
   * @param options.authorization the `Authorization` header, where the node asks for one
   */
  constructor(options: { http: Http; url: URL; authorization: string | undefined }) {
    this.#http = options.http
    const path = options.url.pathname.replace(/\/*$/, '/api/v0/')
    this.#base = new URL(path, options.url)
    this.#shown = `${options.url.protocol}//${options.url.host}`
    this.#headers = options.authorization === undefined ? {} : { authorization: options.authorization }
  }

  async identify(signal: AbortSignal): Promise<NodeIdentity> {
    return this.#wholeNode('id', async () => {
      const [id, { Version }] = await Promise.all([
        this.#ask('id', [], { signal, tries: 2 }).then((json) => identity.parse(json)),
        this.#ask('version', [], { signal, tries: 2 }).then((json) => version.parse(json)),
      ])
      return { version: Version, peerId: id.ID, addresses: id.Addresses ?? [] }
    })
  }

  async *listPins(options: { names: boolean; signal: AbortSignal }): AsyncIterable<NodePin> {
    const query: Query = [
      ['type', 'recursive'],
      ['stream', 'true'],
    ]
    if (options.names) query.push(['names', 'true'])
    const listing = { signal: options.signal, deadline: deadlines.list, repeatable: true, tries: 3 }
    try {
      for await (const line of this.#stream('pin/ls', query, listing)) {
        const pin = streamedPin.parse(line)
        yield { cid: pin.Cid, name: pin.Name || null }
      }
    } catch (error) {
      throw this.#asNodeError('pin/ls', explain(error, this.#asked('pin/ls')))
    }
  }

  async isPinned(cid: PinCid, signal: AbortSignal): Promise<boolean> {
    // To Kubo's pinner v0 and v1 are two pins.
    for (const form of cidForms(cid.key)) if (await this.#isFormPinned(form, signal)) return true
    return false
  }

  async #isFormPinned(form: string, signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.#findPin(form, { type: 'recursive', names: false }, signal)) !== undefined
    } catch (error) {
      const explained = explain(error, this.#asked('pin/ls'))
      throw explained instanceof Refusal ? new PinError(explained.message, { cause: explained }) : explained
    }
  }

  /** The pin of one type that a form of a CID has. */
  async #findPin(
    form: string,
    { type, names }: { type: 'recursive' | 'direct'; names: boolean },
    signal: AbortSignal,
  ): Promise<FoundPin | undefined> {
    // Without the type Kubo walks every pinned DAG to look for it (a second at 1,500 pins, measured).
    const query: Query = [
      ['arg', form],
      ['type', type],
    ]
    if (names) query.push(['names', 'true'])
    const asking = { signal, deadline: deadlines.answer, repeatable: true, tries: 3, alsoAnswers: 500 }
    const { status, text } = await this.#http.ask(this.#request('pin/ls', query, asking))
    // What most looks find, so no error is made of it. Kubo has no other sign of it than the text: status 500 and
    // Code 0 are those of any error (measured).
    if (status === 500 && kuboMessage(text)?.includes('is not pinned')) return undefined
    if (status === 500) throw explainAnswer({ status, body: text }, this.#asked('pin/ls'))
    const { Keys } = foundPins.parse(JSON.parse(text))
    return Object.values(Keys).find(({ Type }) => Type === type)
  }

  async howPinned(cid: PinCid, signal: AbortSignal, time = longest.pinned): Promise<HowPinned> {
    const look = async (enough: AbortSignal): Promise<HowPinned> => {
      for (const type of ['recursive', 'direct'] as const)
        for (const form of cidForms(cid.key)) {
          const pin = await this.#findPin(form, { type, names: true }, enough)
          if (pin !== undefined) return { type, name: pin.Name || null, reason: null }
        }
      const isPart = await this.#isPartOfPin(cid, enough)
      return { type: isPart ? 'indirect' : 'none', name: null, reason: null }
    }
    const { found, reason } = await this.#lookFor(time, 'pin/ls', signal, look)
    return found ?? { type: 'unknown', name: null, reason }
  }

  /** Lists the parts of all pins: asked for a single one, Kubo fetches blocks that a pinned DAG lacks (measured). */
  async #isPartOfPin(cid: PinCid, signal: AbortSignal): Promise<boolean> {
    const forms = new Set(cidForms(cid.key))
    const query: Query = [
      ['type', 'indirect'],
      ['stream', 'true'],
      ['offline', 'true'],
    ]
    const listing = { signal, deadline: deadlines.list, repeatable: true, tries: 2 }
    for await (const line of this.#stream('pin/ls', query, listing))
      if (forms.has(streamedPin.parse(line).Cid)) return true
    return false
  }

  async localSize(cid: PinCid, signal: AbortSignal, time = longest.size): Promise<LocalSize> {
    let counted = { isWhole: false, bytes: 0, blocks: 0 }
    const query: Query = [
      ['arg', cid.text],
      ['offline', 'true'],
      ['progress', 'true'],
    ]
    const count = async (enough: AbortSignal) => {
      const counting = { signal: enough, deadline: deadlines.answer, repeatable: true, tries: 2 }
      for await (const line of this.#stream('dag/stat', query, counting)) {
        const { DagStats, Ratio } = dagCount.parse(line)
        const [{ Size, NumBlocks }] = DagStats
        counted = { isWhole: Ratio !== undefined, bytes: Size, blocks: NumBlocks }
      }
    }
    const { reason } = await this.#lookFor(time, 'dag/stat', signal, count)
    return { ...counted, reason }
  }

  async providers(cid: PinCid, signal: AbortSignal, time = longest.providers): Promise<Providers> {
    const found = new Map<string, readonly string[]>()
    const query: Query = [
      ['arg', cid.text],
      ['num-providers', String(mostProviders)],
    ]
    const search = async (enough: AbortSignal) => {
      const searching = { signal: enough, deadline: deadlines.answer, repeatable: true, tries: 2 }
      let failure: string | null = null
      for await (const line of this.#stream('routing/findprovs', query, searching)) {
        const { Type, ID, Extra, Responses } = routingEvent.parse(line)
        // A node that knows nobody says so in an event, under status 200 (measured).
        if (Type === routingEvents.error && ID === '') failure = Extra || 'the search failed'
        if (Type !== routingEvents.provider) continue
        for (const peer of Responses ?? [])
          if (found.size < mostProviders) found.set(peer.ID, (peer.Addrs ?? []).slice(0, mostAddresses))
      }
      if (failure !== null && found.size === 0) throw new Refusal(failure)
    }
    const { reason } = await this.#lookFor(time, 'routing/findprovs', signal, search)
    return { peers: [...found].map(([peerId, addrs]) => ({ peerId, addrs })), reason }
  }

  /** Looks for so long. What ends the look says something of this CID only, unless it is a `NodeError`. */
  async #lookFor<T>(
    ms: number,
    path: string,
    signal: AbortSignal,
    look: (enough: AbortSignal) => Promise<T>,
  ): Promise<{ found?: T; reason: string | null }> {
    const time = AbortSignal.timeout(ms)
    try {
      return { found: await look(AbortSignal.any([signal, time])), reason: null }
    } catch (error) {
      signal.throwIfAborted()
      if (time.aborted) return { reason: `the node had not found out after ${ms / 1000} s` }
      const explained = explain(error, this.#asked(path))
      if (explained instanceof Refusal) return { reason: explained.message }
      throw explained
    }
  }

  async pin(
    cid: PinCid,
    options: { name: string | null; onProgress: (progress: PinProgress) => void; signal: AbortSignal },
  ): Promise<void> {
    const query: Query = [
      ['arg', cid.text],
      ['progress', 'true'],
    ]
    if (options.name !== null) query.push(['name', options.name])
    try {
      let isPinned = false
      // Never repeated by itself: the first try may have pinned it, and adding it again puts the pin at risk.
      const adding = { signal: options.signal, deadline: deadlines.pin, repeatable: false }
      for await (const line of this.#stream('pin/add', query, adding)) {
        const { Pins, Progress, Bytes } = pinLine.parse(line)
        if (Pins === undefined) options.onProgress({ blocks: Progress ?? 0, bytes: Bytes ?? 0 })
        else isPinned ||= Pins.some((pinned) => parseCid(pinned)?.key === cid.key)
      }
      if (!isPinned) throw new Refusal('the node ended its answer without saying that it is pinned')
    } catch (error) {
      // One bad answer about one CID says nothing of the others.
      const explained = isMalformed(error) ? error : explain(error, this.#asked('pin/add'))
      const isOfThisCid = explained instanceof Refusal || isMalformed(explained)
      throw isOfThisCid ? new PinError(explained.message, { cause: explained }) : explained
    }
  }

  async connect(addresses: string | readonly string[], signal: AbortSignal): Promise<void> {
    await this.#ofPeer('swarm/connect', () =>
      this.#ask('swarm/connect', argumentsOf([addresses].flat()), { signal, deadline: deadlines.dial }),
    )
  }

  async connectedPeers(signal: AbortSignal): Promise<ReadonlySet<string>> {
    return this.#wholeNode('swarm/peers', async () => {
      const { Peers } = swarmPeers.parse(await this.#ask('swarm/peers', [], { signal, tries: 2 }))
      return new Set(Peers?.map(({ Peer }) => Peer))
    })
  }

  async reachability(signal: AbortSignal): Promise<Reachability | undefined> {
    const asking = { signal, deadline: deadlines.answer, repeatable: true, tries: 2, alsoAnswers: 404 }
    return this.#wholeNode('swarm/addrs/autonat', async () => {
      const { status, text } = await this.#http.ask(this.#request('swarm/addrs/autonat', [], asking))
      // Kubo knows the command since 0.40.
      return status === 404 ? undefined : autonat.parse(JSON.parse(text))
    })
  }

  async peer(peerId: string, addrs: readonly string[], signal: AbortSignal): Promise<void> {
    const query = argumentsOf(dialable(peerId, addrs))
    await this.#ofPeer('swarm/peering/add', async () => {
      peeringAdded.parse(await this.#ask('swarm/peering/add', query, { signal, tries: 2 }))
    })
  }

  async peeredPeers(signal: AbortSignal): Promise<readonly PeerAddresses[]> {
    return this.#wholeNode('swarm/peering/ls', async () => {
      const { Peers } = peeredPeers.parse(await this.#ask('swarm/peering/ls', [], { signal, tries: 2 }))
      return (Peers ?? [])
        .filter(({ ID }) => ID !== '')
        .map(({ ID, Addrs }) => ({ peerId: ID, addrs: Addrs ?? [] }))
    })
  }

  async readPeering(signal: AbortSignal): Promise<PeeringConfig> {
    const asking = { signal, deadline: deadlines.answer, repeatable: true, tries: 2, alsoAnswers: 500 }
    return this.#wholeNode('config', async () => {
      const query = argumentsOf(['Peering.Peers'])
      const { status, text } = await this.#http.ask(this.#request('config', query, asking))
      // A config that an older Kubo made has no such section, and nothing but the text says so: status 500 and Code 0
      // are those of any error (measured). Writing makes it.
      if (status === 500 && kuboMessage(text)?.endsWith(' not found"')) return null
      if (status === 500) throw explainAnswer({ status, body: text }, this.#asked('config'))
      return peeringConfig.parse(JSON.parse(text)).Value
    })
  }

  async writePeering(peers: readonly unknown[], signal: AbortSignal): Promise<void> {
    const query = argumentsOf(['Peering.Peers', JSON.stringify(peers)])
    query.push(['json', 'true'])
    await this.#wholeNode('config', async () => {
      peeringConfig.parse(await this.#ask('config', query, { signal }))
    })
  }

  /** A refusal of what concerns one peer says nothing of the others. */
  async #ofPeer(path: string, ask: () => Promise<unknown>): Promise<void> {
    try {
      await ask()
    } catch (error) {
      const explained = explain(error, this.#asked(path))
      throw explained instanceof Refusal ? new PeerError(explained.message, { cause: explained }) : explained
    }
  }

  async #wholeNode<T>(path: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      throw this.#asNodeError(path, explain(error, this.#asked(path)))
    }
  }

  /** A refusal of what concerns no single CID is the node's fault. */
  #asNodeError(path: string, error: unknown): unknown {
    if (!(error instanceof Refusal)) return error
    return new NodeError(
      'bad-answer',
      `the Kubo node at ${this.#shown} fails ${path}: ${error.message}`,
      error,
    )
  }

  async #ask(
    path: string,
    query: Query,
    options: { signal: AbortSignal; tries?: number; deadline?: number },
  ): Promise<unknown> {
    const { signal, tries = 1, deadline = deadlines.answer } = options
    const repeatable = tries > 1
    const answer = await this.#http.ask(this.#request(path, query, { signal, tries, deadline, repeatable }))
    return answer.text === '' ? {} : JSON.parse(answer.text)
  }

  /** The lines of a streamed answer, which are worth nothing unless the stream ends without an error. */
  async *#stream(path: string, query: Query, options: RequestOptions): AsyncIterable<unknown> {
    const answer: StreamedAnswer = await this.#http.open(this.#request(path, query, options))
    yield* jsonLines(answer.chunks)
    // An error after the first byte comes after the last, under status 200 (measured).
    const failure = answer.trailers['x-stream-error']
    if (failure !== undefined && failure !== '') throw refusal(failure)
  }

  #request(path: string, query: Query, options: RequestOptions): Request {
    const url = new URL(path, this.#base)
    url.search = new URLSearchParams(query).toString()
    return { method: 'POST', url, headers: this.#headers, ...options }
  }

  #asked(path: string): { node: string; path: string } {
    return { node: this.#shown, path: `/api/v0/${path}` }
  }
}

/** The strongest first. */
type FoundPin = z.output<typeof foundPins>['Keys'][string]

/** The types of `routing/findprovs`'s events, as go-libp2p numbers them. */
const routingEvents = { error: 3, provider: 4 }

type Query = [string, string][]
type RequestOptions = Pick<Request, 'signal' | 'deadline' | 'repeatable' | 'tries' | 'alsoAnswers'>

function argumentsOf(values: readonly string[]): Query {
  return values.map((value) => ['arg', value])
}
