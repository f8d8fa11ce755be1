import { cidForms, type PinCid } from '../../domain/cid.ts'
import { pinName } from '../../domain/pin.ts'
import type { Query } from '../endpoint.ts'
import type { HowPinned, LocalSize, Providers } from '../node.ts'
import { dagCount, routingEvent, streamedPin } from './answers.ts'
import { explain, Refusal } from './errors.ts'
import type { KuboPins } from './pins.ts'
import type { KuboRpc } from './rpc.ts'

/** How long the node may be silent, in ms. */
const deadlines = { answer: 30_000, list: 120_000 }

/** For how long one look may take as a whole, ms; what was found until then is taken. */
const longest = { pinned: 20_000, size: 10_000, providers: 10_000 }
const mostProviders = 10
/** A node says what it likes: no peer has more addresses worth showing. */
const mostAddresses = 20

/** The types of `routing/findprovs`'s events, as go-libp2p numbers them. */
const routingEvents = { error: 3, provider: 4 }

/** Looks at single CIDs, for people to read. */
export class KuboLooks {
  readonly #rpc: KuboRpc
  readonly #pins: KuboPins

  constructor(rpc: KuboRpc, pins: KuboPins) {
    this.#rpc = rpc
    this.#pins = pins
  }

  async howPinned(cid: PinCid, signal: AbortSignal, time = longest.pinned): Promise<HowPinned> {
    const look = async (enough: AbortSignal): Promise<HowPinned> => {
      for (const type of ['recursive', 'direct'] as const)
        for (const form of cidForms(cid.key)) {
          const pin = await this.#pins.find(form, { type, names: true }, enough)
          if (pin !== undefined) return { type, name: pinName(pin.Name, form), reason: null }
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
    for await (const line of this.#rpc.stream('pin/ls', query, listing))
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
      for await (const line of this.#rpc.stream('dag/stat', query, counting)) {
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
      for await (const line of this.#rpc.stream('routing/findprovs', query, searching)) {
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
      const explained = explain(error, this.#rpc.asked(path))
      if (explained instanceof Refusal) return { reason: explained.message }
      throw explained
    }
  }
}
