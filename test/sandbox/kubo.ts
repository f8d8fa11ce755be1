import { setTimeout as sleep } from 'node:timers/promises'
import type { CidKey, PinCid } from '../../src/domain/cid.ts'
import {
  accessDenied,
  MissingArgument,
  needed,
  noSuchPath,
  notFound,
  plain,
  readCid,
  shownCid,
} from './kubo/answers.ts'
import { importCar, wholeCar } from './kubo/cars.ts'
import { NodeConfig } from './kubo/config.ts'
import { Blockstore, type Content, noSpace } from './kubo/content.ts'
import { countDag, exportDag, refsOf } from './kubo/dags.ts'
import { Pinset, type PinType } from './kubo/pinset.ts'
import { type Provider, Routing } from './kubo/routing.ts'
import { type Break, RpcError, rpcAnswer, rpcBytes, rpcFailure, rpcStream, version } from './kubo/rpc.ts'
import { Swarm } from './kubo/swarm.ts'
import { type Answer, type RecordedRequest, SandboxServer } from './server.ts'

export { type Content, noSpace, nowhere } from './kubo/content.ts'
export { type Break, rpcFailure } from './kubo/rpc.ts'

export interface KuboOptions {
  /** How the CIDs can be had that `setContent` did not name. Default: `{}`, at once. */
  readonly otherwise?: Content
  /** Whether a dial to a multiaddr succeeds. Default: always. */
  readonly reachable?: (address: string) => boolean
  /** How often a pin's progress is told. Default: 500 ms, as Kubo does. */
  readonly progressEveryMs?: number
  /** The `Authorization` header that every command needs. Default: none. */
  readonly authorization?: string
  /** The node's own multiaddrs, without `/p2p/ID`. */
  readonly addresses?: readonly string[]
}

/** Starts the RPC of a Kubo node on loopback. */
export function startKubo(options: KuboOptions = {}): Promise<SandboxKubo> {
  return new SandboxKubo(options).listen()
}

const sandboxPeer = '12D3KooWAJzTyh6Yv4McNN7WtrE1oy3SPXhhaEvQwF9qNL5qMpte'

/** A Kubo node: the contract tests compare it with real ones. */
export class SandboxKubo extends SandboxServer {
  readonly peerId = sandboxPeer
  /** What it says it is. */
  version: string = version
  readonly pins = new Pinset()
  readonly swarm: Swarm
  readonly config = new NodeConfig()
  readonly routing = new Routing()
  /** What `swarm/addrs/autonat` answers; `undefined` as on a Kubo before 0.40, which does not know it. */
  autonat: object | undefined = { reachability: 'Unknown' }
  /** Streamed answers that end before their time; `undefined` for those that do not. */
  breakStream: ((request: RecordedRequest) => Break | undefined) | undefined
  /** The most pins that were ever being added at once. */
  mostAdding = 0
  /** What `Datastore.StorageMax` says: a new repository's own. */
  storageMax = 10_000_000_000
  /** What its disk has, but for what it has of blocks. */
  diskSize = 1_000_000_000_000
  /** A garbage collection waits for its lock, or has it: no pin begins. */
  isLocked = false
  readonly #options: KuboOptions
  readonly #blocks: Blockstore
  /** How long it takes to read a block, in ms. */
  readMs = 0
  /** A proxy before it drops the trailers of its answers. */
  dropsTrailers = false
  #adding = 0

  constructor(options: KuboOptions) {
    super()
    this.#options = options
    this.swarm = new Swarm(this.peerId, options.reachable ?? (() => true), () => this.#blocks.changed())
    this.#blocks = new Blockstore(options.otherwise ?? {}, this.swarm)
  }

  /** The RPC's address, without `/api/v0`. */
  get url(): string {
    return this.origin
  }

  /** Says how a CID's content can be had, from now on: under both versions of the CID. */
  setContent(cid: string, content: Content): void {
    this.#blocks.set(readCid(cid).key, content)
  }

  /** Whether its disk is full. */
  set isFull(isFull: boolean) {
    this.#blocks.isFull = isFull
  }

  /** Says who provides a CID, where the node asks the network. */
  setProviders(cid: string, providers: readonly Provider[]): void {
    this.routing.state = 'online'
    this.routing.provide(readCid(cid).key, providers)
  }

  /** Pins with all its blocks there, as if it had always been so. */
  pin(cid: string, pin: { name?: string; type?: PinType; through?: string } = {}): void {
    this.has(cid)
    this.pins.set(shownCid(readCid(cid)), { type: 'recursive', name: '', ...pin })
  }

  /** Has all blocks of a CID, which it does not pin by itself. */
  has(cid: string): void {
    const { key } = readCid(cid)
    this.#blocks.setLocal(key, this.#blocks.blocks(key))
  }

  /** The CAR that somebody else would give who has all of a CID. */
  carOf(cid: string): Buffer {
    return wholeCar(readCid(cid).key, this.#blocks)
  }

  /** Loses the blocks of a CID but for the root's, or those after the first few, and leaves its pin. */
  loseBlocks(cid: string, left = 1): void {
    this.#blocks.setLocal(readCid(cid).key, left)
  }

  /** Has one block of a CID be other than its CID says, or as it is again. */
  corrupt(cid: string, isCorrupt = true): void {
    this.#blocks.setCorrupt(readCid(cid).key, isCorrupt)
  }

  protected override async answer(request: RecordedRequest, signal: AbortSignal): Promise<Answer> {
    const refused = this.#refuse(request)
    if (refused !== undefined) return refused
    try {
      return await this.#command(request, signal)
    } catch (error) {
      if (error instanceof RpcError) return rpcFailure(error.message)
      if (error instanceof MissingArgument) return plain(400, `${error.message}\n`)
      throw error
    }
  }

  #refuse({ method, path, headers }: RecordedRequest): Answer | undefined {
    const { authorization } = this.#options
    if (!path.startsWith('/api/v0/')) return noSuchPath
    if (headers['user-agent']?.startsWith('Mozilla')) return plain(403, '403 - Forbidden\n')
    if (authorization !== undefined && headers.authorization !== authorization)
      return plain(403, accessDenied)
    if (method !== 'POST') return plain(405, '405 - Method Not Allowed\n', { allow: 'OPTIONS, POST' })
    return undefined
  }

  async #command(request: RecordedRequest, signal: AbortSignal): Promise<Answer> {
    const { query } = request
    const args = query.getAll('arg')
    switch (request.path.slice('/api/v0/'.length)) {
      case 'version':
        return rpcAnswer({
          Version: this.version,
          Commit: '',
          Repo: '18',
          System: 'amd64/linux',
          Golang: 'go1.26',
        })
      case 'id':
        return rpcAnswer(this.#identity())
      case 'repo/stat':
        return rpcAnswer(this.#statRepo(query.get('size-only') === 'true'))
      case 'diag/sys':
        return rpcAnswer(this.#system())
      case 'pin/ls':
        return query.get('stream') === 'true'
          ? rpcStream(this.#streamPins(args, query), this.breakStream?.(request))
          : rpcAnswer(this.#listPins(args, query))
      case 'pin/add':
        return this.#add(request, args, signal)
      case 'refs': {
        const keys = needed(args).map((arg) => readCid(arg).key)
        return rpcStream(refsOf(keys, this.#blocks, query, signal), this.breakStream?.(request))
      }
      case 'dag/export': {
        const { key } = readCid(needed(args, 'root')[0] ?? '')
        const reading = { signal, msPerBlock: this.readMs }
        const pieces = exportDag(key, this.#blocks, reading)
        return rpcBytes(pieces, this.breakStream?.(request), !this.dropsTrailers)
      }
      case 'dag/import':
        return this.#import(request)
      case 'block/stat':
        return rpcAnswer(await this.#statBlock(needed(args)[0] ?? '', query, signal))
      case 'block/put':
        return rpcAnswer(this.#putBlock(request.body))
      case 'block/rm':
        return rpcAnswer(...needed(args).map((Hash) => ({ Hash })))
      case 'dag/stat':
        return rpcStream(
          countDag(readCid(needed(args, 'root')[0] ?? ''), this.#blocks, query, signal),
          this.breakStream?.(request),
        )
      case 'routing/findprovs': {
        const [key = ''] = needed(args, 'key')
        const most = Number(query.get('num-providers') ?? '20')
        return rpcStream(this.routing.find(readCid(key).key, most, signal), this.breakStream?.(request))
      }
      case 'swarm/addrs/autonat':
        return this.autonat === undefined ? noSuchPath : rpcAnswer(this.autonat)
      case 'swarm/connect':
        return rpcAnswer(this.swarm.connect(needed(args)))
      case 'swarm/peers':
        return rpcAnswer(this.swarm.peers())
      case 'swarm/peering/add':
        return rpcAnswer(...this.swarm.addPeering(needed(args)))
      case 'swarm/peering/ls':
        return rpcAnswer(this.swarm.listPeering())
      case 'swarm/peering/rm':
        return rpcAnswer(this.swarm.removePeering(needed(args)[0] ?? ''))
      case 'config':
        return rpcAnswer(this.#configure(needed(args), query.get('json') === 'true'))
      default:
        return noSuchPath
    }
  }

  #identity(): object {
    const { addresses = ['/ip4/127.0.0.1/tcp/4001'] } = this.#options
    return {
      ID: this.peerId,
      PublicKey: 'CAESIAdVTc/+JwyKVCDlMh+fiwNMF7H9TgXzy5CLaLBjkdUv',
      Addresses: addresses.map((address) => `${address}/p2p/${this.peerId}`),
      AgentVersion: `kubo/${version}`,
      Protocols: ['/ipfs/bitswap/1.2.0', '/ipfs/id/1.0.0'],
    }
  }

  #statRepo(isSizeOnly: boolean): object {
    const about = isSizeOnly
      ? { NumObjects: 0, RepoPath: '', Version: '' }
      : { NumObjects: this.#blocks.count, RepoPath: '/data/ipfs', Version: 'fs-repo@18' }
    return { RepoSize: this.#blocks.size, StorageMax: this.storageMax, ...about }
  }

  /** As Kubo on Linux, whose `total_space` is what others than root have left. */
  #system(): object {
    const left = this.diskSize - this.#blocks.size
    return {
      diskinfo: { free_space: left + this.diskSize / 20, fstype: '61267', total_space: left },
      environment: { GOPATH: '', IPFS_PATH: '/data/ipfs' },
      ipfs_commit: '',
      ipfs_version: this.version,
    }
  }

  #listPins(args: readonly string[], query: URLSearchParams): object {
    const found = [...this.#findPins(args, query)]
    if (found.length === 0) return {}
    return { Keys: Object.fromEntries(found.map(({ Cid, Name = '', Type }) => [Cid, { Type, Name }])) }
  }

  async *#streamPins(args: readonly string[], query: URLSearchParams): AsyncGenerator<object> {
    yield* this.#findPins(args, query)
  }

  *#findPins(
    args: readonly string[],
    query: URLSearchParams,
  ): Generator<{ Cid: string; Name?: string; Type: string }> {
    const type = query.get('type') ?? 'all'
    const named = query.get('names') === 'true'
    const wanted = args.map((arg) => [shownCid(readCid(arg)), arg] as const)
    const found =
      wanted.length === 0
        ? this.pins.ofType(type)
        : wanted.values().map(([cid, arg]) => [cid, this.pins.find(cid, type, arg)] as const)
    for (const [Cid, pin] of found) {
      const Type =
        pin.through !== undefined && wanted.length > 0 ? `indirect through ${pin.through}` : pin.type
      yield { Cid, ...(named && pin.name !== '' && { Name: pin.name }), Type }
    }
  }

  async #add(request: RecordedRequest, args: readonly string[], signal: AbortSignal): Promise<Answer> {
    const name = request.query.get('name') ?? ''
    const bytes = Buffer.byteLength(name)
    if (bytes > 255) throw new RpcError(`pin name is ${bytes} bytes (max 255 bytes)`)
    const cids = needed(args).map(readCid)
    if (request.query.get('progress') === 'true')
      return rpcStream(this.#addWithProgress(cids, name, signal), this.breakStream?.(request))
    for (const cid of cids) await this.#addOne(cid, name, signal)
    return rpcAnswer({ Pins: cids.map(shownCid) })
  }

  async *#addWithProgress(
    cids: readonly PinCid[],
    name: string,
    signal: AbortSignal,
  ): AsyncGenerator<object> {
    const every = this.#options.progressEveryMs ?? 500
    for (const cid of cids) {
      let isAdded = false
      let hasBegun = false
      const begin = () => {
        hasBegun = true
      }
      const added = this.#addOne(cid, name, signal, begin).then(() => {
        isAdded = true
      })
      while (!isAdded) {
        await Promise.race([added, sleep(every, undefined, { signal, ref: false })])
        yield hasBegun ? this.#progress(cid.key) : {}
      }
    }
    yield { Pins: cids.map(shownCid) }
  }

  #progress(key: CidKey): object {
    const blocks = this.#blocks.local(key)
    return blocks === 0 ? {} : { Progress: blocks, Bytes: this.#blocks.bytes(key) }
  }

  async #addOne(cid: PinCid, name: string, signal: AbortSignal, begin?: () => void): Promise<void> {
    const shown = shownCid(cid)
    this.mostAdding = Math.max(this.mostAdding, ++this.#adding)
    try {
      await this.#blocks.fetch(cid.key, signal, 1)
      // It counts the blocks once it has the lock (measured).
      while (this.isLocked) await sleep(10, undefined, { signal })
      begin?.()
      const unreadable = this.#blocks.unreadable(cid.key)
      if (unreadable !== undefined) throw new RpcError(`pin: ${unreadable}`)
      // Kubo gets the root, then drops a recursive pin that is there: where the rest can't be had, it is lost.
      this.pins.delete(shown)
      await this.#blocks.fetch(cid.key, signal)
      this.pins.set(shown, { type: 'recursive', name })
    } finally {
      this.#adding--
    }
  }

  async #statBlock(path: string, query: URLSearchParams, signal: AbortSignal): Promise<object> {
    const cid = readCid(path)
    if (query.get('offline') !== 'true') await this.#blocks.fetch(cid.key, signal, 1)
    if (this.#blocks.local(cid.key) === 0) throw new RpcError(notFound(cid.key))
    return { Key: shownCid(cid), Size: this.#blocks.bytes(cid.key) / this.#blocks.local(cid.key) }
  }

  /** Takes it, and shows a CID that is not its own. */
  #putBlock(body: string): object {
    if (this.#blocks.isFull) throw new RpcError(noSpace)
    return { Key: 'bafkreienvuqqic73zit4lhbi7fy3ulqkhidjiy26auiqpm2k7ohxve7vnm', Size: body.length }
  }

  /** Whoever lets it pin roots may lose a pin: no run does. */
  #import({ body, query }: RecordedRequest): Answer {
    if (query.get('pin-roots') !== 'false') throw new Error('the roots of a CAR are never to be pinned')
    const [, file = ''] = /\r\n\r\n(.*)\r\n--[^\r]+--\r\n$/s.exec(body) ?? []
    importCar(Buffer.from(file, 'latin1'), this.#blocks)
    return rpcAnswer()
  }

  #configure([key = '', value]: readonly string[], isJson: boolean): object {
    if (value !== undefined) this.config.write(key, value, isJson)
    return { Key: key, Value: this.config.read(key) }
  }
}
