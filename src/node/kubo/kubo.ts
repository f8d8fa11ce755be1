import type { PinCid } from '../../domain/cid.ts'
import { dialable, type PeerAddresses, type PeeringConfig } from '../../domain/peering.ts'
import { pinName } from '../../domain/pin.ts'
import type { Reachability } from '../../domain/reachability.ts'
import type { Storage } from '../../domain/storage.ts'
import { NodeError, PeerError } from '../../errors.ts'
import type { Query } from '../endpoint.ts'
import type {
  HowPinned,
  ImportingNode,
  LocalDag,
  LocalSize,
  Node,
  NodeIdentity,
  NodePin,
  PeeringNode,
  PinningOneByOne,
  Providers,
  Room,
  VerifyingNode,
} from '../node.ts'
import {
  autonat,
  identity,
  kuboMessage,
  peeredPeers,
  peeringConfig,
  peeringDone,
  streamedPin,
  swarmPeers,
  version,
} from './answers.ts'
import { KuboDags } from './dags.ts'
import { explain, explainAnswer, Refusal } from './errors.ts'
import { KuboImports } from './imports.ts'
import { KuboLooks } from './looks.ts'
import { KuboPins } from './pins.ts'
import { KuboSigns } from './signs.ts'
import { KuboStorage } from './storage.ts'
import { KuboWire, type WireOptions } from './wire.ts'

/** How long the node may be silent, in ms. */
const deadlines = {
  answer: 30_000,
  /** A dial may try many transports; Kubo itself ends one after some 15 s. */
  dial: 20_000,
  list: 120_000,
}

/** Before 0.26 pins have no names. */
function isTooOld(version: string): boolean {
  const [, major = 1, minor = 0] = /^(\d+)\.(\d+)/.exec(version) ?? []
  return Number(major) === 0 && Number(minor) < 26
}

/** A Kubo node, by its RPC API. */
export class Kubo implements Node, PinningOneByOne, PeeringNode {
  readonly kind = 'kubo'
  readonly product = 'Kubo'
  readonly how = 'one-by-one'
  readonly pinning = this
  readonly peering = this
  readonly verifying: VerifyingNode
  readonly importing: ImportingNode
  readonly #rpc: KuboWire
  readonly #pins: KuboPins
  readonly #signs: KuboSigns
  readonly #looks: KuboLooks
  readonly #storage: KuboStorage

  constructor(options: WireOptions) {
    const rpc = new KuboWire(options)
    this.#rpc = rpc
    this.#pins = new KuboPins(rpc)
    this.#signs = new KuboSigns(rpc)
    this.#looks = new KuboLooks(rpc, this.#pins)
    this.verifying = new KuboDags(rpc)
    this.importing = new KuboImports(rpc, this.#signs)
    this.#storage = new KuboStorage(rpc)
  }

  async identify(signal: AbortSignal): Promise<NodeIdentity> {
    return this.#wholeNode('id', async () => {
      const [id, { Version }] = await Promise.all([
        this.#ask('id', [], { signal, tries: 2 }).then((json) => identity.parse(json)),
        this.#ask('version', [], { signal, tries: 2 }).then((json) => version.parse(json)),
      ])
      if (isTooOld(Version))
        throw new NodeError(
          'too-old',
          `the node at ${this.#rpc.shown} is Kubo ${Version}, and needs 0.26 or newer, as pins have no names before: update Kubo`,
        )
      return { version: Version, peerId: id.ID, addresses: id.Addresses ?? [], peers: null }
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
      for await (const line of this.#rpc.stream('pin/ls', query, listing)) {
        const pin = streamedPin.parse(line)
        yield { cid: pin.Cid, name: pinName(pin.Name, pin.Cid), standing: 'pinned', copies: 1 }
      }
    } catch (error) {
      throw this.#asNodeError('pin/ls', explain(error, this.#rpc.asked('pin/ls')))
    }
  }

  isPinned(cid: PinCid, signal: AbortSignal): Promise<boolean> {
    return this.#pins.isPinned(cid, signal)
  }

  pin(cid: PinCid, options: Parameters<PinningOneByOne['pin']>[1]): Promise<void> {
    return this.#pins.add(cid, options)
  }

  hasRoot(cid: PinCid, signal: AbortSignal): Promise<boolean | undefined> {
    return this.#signs.hasRoot(cid, signal)
  }

  readDag(cid: PinCid, signal: AbortSignal): Promise<LocalDag> {
    return this.#signs.readDag(cid, signal)
  }

  answers(call: 'look' | 'add', signal: AbortSignal): Promise<void> {
    return this.#signs.answers(call, signal)
  }

  room(signal: AbortSignal): Promise<Room> {
    return this.#signs.room(signal)
  }

  storage(signal: AbortSignal): Promise<Storage> {
    return this.#storage.ask(signal)
  }

  howPinned(cid: PinCid, signal: AbortSignal, time?: number): Promise<HowPinned> {
    return this.#looks.howPinned(cid, signal, time)
  }

  localSize(cid: PinCid, signal: AbortSignal, time?: number): Promise<LocalSize> {
    return this.#looks.localSize(cid, signal, time)
  }

  providers(cid: PinCid, signal: AbortSignal, time?: number): Promise<Providers> {
    return this.#looks.providers(cid, signal, time)
  }

  async connect(addresses: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#ofPeer('swarm/connect', () =>
      this.#ask('swarm/connect', argumentsOf(addresses), { signal, deadline: deadlines.dial }),
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
      const { status, text } = await this.#rpc.ask('swarm/addrs/autonat', [], asking)
      // Kubo knows the command since 0.40.
      return status === 404 ? undefined : autonat.parse(JSON.parse(text))
    })
  }

  async peer(peerId: string, addrs: readonly string[], signal: AbortSignal): Promise<void> {
    const query = argumentsOf(dialable(peerId, addrs))
    await this.#ofPeer('swarm/peering/add', async () => {
      peeringDone.parse(await this.#ask('swarm/peering/add', query, { signal, tries: 2 }))
    })
  }

  async unpeer(peerId: string, signal: AbortSignal): Promise<void> {
    // One a call: of several IDs Kubo 0.42 leaves the last out, without a word (measured).
    await this.#wholeNode('swarm/peering/rm', async () => {
      peeringDone.parse(await this.#ask('swarm/peering/rm', argumentsOf([peerId]), { signal, tries: 2 }))
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
      const { status, text } = await this.#rpc.ask('config', query, asking)
      // A config that an older Kubo made has no such section, and nothing but the text says so: status 500 and Code 0
      // are those of any error (measured). Writing makes it.
      if (status === 500 && kuboMessage(text)?.endsWith(' not found"')) return null
      if (status === 500) throw explainAnswer({ status, body: text }, this.#rpc.asked('config'))
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
      const explained = explain(error, this.#rpc.asked(path))
      throw explained instanceof Refusal ? new PeerError(explained.message, { cause: explained }) : explained
    }
  }

  async #wholeNode<T>(path: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      throw this.#asNodeError(path, explain(error, this.#rpc.asked(path)))
    }
  }

  /** A refusal of what concerns no single CID is the node's fault. */
  #asNodeError(path: string, error: unknown): unknown {
    if (!(error instanceof Refusal)) return error
    return new NodeError(
      'bad-answer',
      `the Kubo node at ${this.#rpc.shown} fails ${path}: ${error.message}`,
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
    const answer = await this.#rpc.ask(path, query, { signal, tries, deadline, repeatable })
    return answer.text === '' ? {} : JSON.parse(answer.text)
  }
}

function argumentsOf(values: readonly string[]): Query {
  return values.map((value) => ['arg', value])
}
