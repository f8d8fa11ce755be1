import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { base32upper } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { type KuboPeer, peerBinary } from './build.ts'
import { Daemon, untilPortsAreFree } from './daemon.ts'

const execute = promisify(execFile)
const rawCodec = 0x55

interface AddOptions {
  readonly cidVersion?: 0 | 1
  /** Kubo's default follows the version: v0 wraps leaves in dag-pb, v1 has raw ones. */
  readonly rawLeaves?: boolean
  /** Bytes a block: small ones make a file of several blocks. */
  readonly blockSize?: number
  /** Whether the node pins what it adds. Default: false. */
  readonly pin?: boolean
}

/** A real Kubo node on loopback: no bootstrap, no routing, no discovery; it knows the peers it is connected to. */
export class Kubo implements AsyncDisposable {
  readonly #folder: string
  readonly #program: string
  #daemon: Daemon
  /** The RPC's address, kept over restarts: `http://127.0.0.1:PORT`. */
  apiUrl = ''
  peerId = ''
  /** Multiaddrs that end in `/p2p/ID`, kept over restarts. */
  addresses: readonly string[] = []

  private constructor(program: string, folder: string) {
    this.#program = program
    this.#folder = folder
    this.#daemon = startDaemon(program, folder)
  }

  /** @param config merged into the node's config, by dotted key: `{'API.Authorizations': {…}}` */
  static async start(config: Readonly<Record<string, unknown>> = {}, peer: KuboPeer = 'kubo'): Promise<Kubo> {
    const folder = await mkdtemp(join(tmpdir(), 'kubo-'))
    const program = peerBinary(peer)
    await execute(program, ['init', '--profile=test'], { env: { IPFS_PATH: folder } })
    await configure(folder, { ...lonely, ...config })
    const kubo = new Kubo(program, folder)
    try {
      await kubo.#meet(await kubo.#whenReady())
    } catch (error) {
      await kubo[Symbol.asyncDispose]()
      throw error
    }
    return kubo
  }

  /** Of its gateway, where its config has one: `http://127.0.0.1:PORT`. */
  async gatewayUrl(): Promise<string> {
    return (await readFile(join(this.#folder, 'gateway'), 'utf8')).trim()
  }

  /** Runs the `ipfs` command against this node and gives its output. */
  async run(...args: string[]): Promise<string> {
    const { stdout } = await execute(this.#program, args, {
      env: { IPFS_PATH: this.#folder },
      maxBuffer: 256 * 1024 * 1024,
    })
    return stdout.trim()
  }

  /** The bytes of a file. */
  async read(cid: string): Promise<Buffer> {
    const response = await fetch(`${this.apiUrl}/api/v0/cat?arg=${cid}&offline=true`, { method: 'POST' })
    if (!response.ok) throw new Error(await response.text())
    return Buffer.from(await response.arrayBuffer())
  }

  /** A CAR with all blocks of a CID. */
  async exportCar(cid: string): Promise<Uint8Array> {
    const response = await fetch(`${this.apiUrl}/api/v0/dag/export?arg=${cid}`, { method: 'POST' })
    return new Uint8Array(await response.arrayBuffer())
  }

  /** Asks the RPC and gives the answer's text; throws with the node's words where the status is not 200. */
  async rpc(command: string, query: Readonly<Record<string, string>> = {}, body?: FormData): Promise<string> {
    const address = `${this.apiUrl}/api/v0/${command}?${new URLSearchParams(query)}`
    const response = await fetch(address, { method: 'POST', body: body ?? null })
    const text = await response.text()
    if (!response.ok) throw new Error(`${command}: ${text}`)
    return text
  }

  /**
   * Adds files in one call; a slash in a path makes folders.
   * @returns the CID of each file and folder, by its path
   */
  async add(
    files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>,
    options: AddOptions = {},
  ): Promise<ReadonlyMap<string, string>> {
    const body = new FormData()
    for (const [path, content] of Object.entries(files))
      body.append('file', new Blob([content]), encodeURIComponent(path))
    const query = {
      pin: String(options.pin ?? false),
      'cid-version': String(options.cidVersion ?? 1),
      ...(options.rawLeaves !== undefined && { 'raw-leaves': String(options.rawLeaves) }),
      ...(options.blockSize !== undefined && { chunker: `size-${options.blockSize}` }),
    }
    const lines = (await this.rpc('add', query, body)).trim().split('\n')
    return new Map(
      lines
        .map((line) => JSON.parse(line) as { Name: string; Hash: string })
        .map((row) => [row.Name, row.Hash]),
    )
  }

  /** The folder of the files that hold its blocks. */
  get blocks(): string {
    return join(this.#folder, 'blocks')
  }

  /** Deletes a block behind the node's back: it still says that it pins what holds the block. */
  async lose(cid: string): Promise<void> {
    await rm(this.#fileOf(cid))
  }

  /** Changes one byte of a block behind the node's back. */
  async corrupt(cid: string): Promise<void> {
    const path = this.#fileOf(cid)
    const bytes = await readFile(path)
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
    await chmod(path, 0o600)
    await writeFile(path, bytes)
  }

  #fileOf(cid: string): string {
    const key = base32upper.encode(CID.parse(cid).multihash.bytes).slice(1)
    return join(this.blocks, key.slice(-3, -1), `${key}.data`)
  }

  /** Connects this node to another one, both ways. */
  async connect(other: Kubo): Promise<void> {
    await this.rpc('swarm/connect', { arg: other.addresses[0] ?? '' })
  }

  /** All recursive pins, as the node writes them, with their names. */
  async pins(): Promise<ReadonlyMap<string, string>> {
    const answer = JSON.parse(await this.rpc('pin/ls', { type: 'recursive', names: 'true' })) as {
      Keys?: Record<string, { Name?: string }>
    }
    return new Map(Object.entries(answer.Keys ?? {}).map(([cid, { Name }]) => [cid, Name ?? '']))
  }

  /** Sets values in the config file by their dotted keys, behind the daemon's back; `undefined` takes one away. */
  async configure(values: Readonly<Record<string, unknown>>): Promise<void> {
    await configure(this.#folder, values)
  }

  /** Ends the daemon properly; `restart` brings it back. */
  async stop(): Promise<void> {
    await this.#daemon.stop()
  }

  /** Ends the daemon as a crash does. */
  async kill(): Promise<void> {
    await this.#daemon.kill()
  }

  /** Starts the daemon again, with the same content, identity and ports. */
  async restart(): Promise<void> {
    await this.#daemon.stop()
    await untilPortsAreFree(async () => {
      // A killed daemon leaves this behind, and it would be read before the new one writes it.
      await rm(join(this.#folder, 'api'), { force: true })
      this.#daemon = startDaemon(this.#program, this.#folder)
      await this.#whenReady()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** @returns the RPC's multiaddr */
  async #whenReady(): Promise<string> {
    await this.#daemon.ready((output) => output.includes('Daemon is ready'))
    return (await readFile(join(this.#folder, 'api'), 'utf8')).trim()
  }

  /** Learns who the node is, and writes down the ports that it was given, so that a restart keeps them. */
  async #meet(api: string): Promise<void> {
    this.apiUrl = `http://127.0.0.1:${api.split('/').at(-1)}`
    const { ID, Addresses } = JSON.parse(await this.rpc('id')) as { ID: string; Addresses: string[] }
    this.peerId = ID
    this.addresses = Addresses
    await configure(this.#folder, {
      'Addresses.API': api,
      'Addresses.Swarm': Addresses.map((address) => address.replace(/\/p2p\/.*/, '')),
    })
  }
}

/** What the `test` profile leaves on. */
const lonely = {
  'Addresses.Gateway': [],
  'Routing.Type': 'none',
  'Provide.Enabled': false,
  'HTTPRetrieval.Enabled': false,
  'Swarm.RelayClient.Enabled': false,
  'Swarm.RelayService.Enabled': false,
  'Version.SwarmCheckEnabled': false,
}

function startDaemon(program: string, folder: string): Daemon {
  return new Daemon(program, ['daemon', '--migrate=false'], {
    IPFS_PATH: folder,
    IPFS_TELEMETRY: 'off',
  })
}

/** Sets values in the node's config file by their dotted keys. */
async function configure(folder: string, values: Readonly<Record<string, unknown>>): Promise<void> {
  const path = join(folder, 'config')
  const config = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  for (const [key, value] of Object.entries(values)) {
    const steps = key.split('.')
    const last = steps.pop() ?? ''
    let place = config
    for (const step of steps) {
      place[step] ??= {}
      place = place[step] as Record<string, unknown>
    }
    place[last] = value
  }
  await writeFile(path, JSON.stringify(config, null, 2))
}

/** A CID that holds its data itself: it pins on any node at once, without data or network. */
export function identityCid(text: string): string {
  return inlineCid(rawCodec, text)
}

/** A CID that holds a block of its own, which need not be well-formed. */
export function inlineCid(codec: number, content: string): string {
  return CID.createV1(codec, identity.digest(new TextEncoder().encode(content))).toString()
}

/** The raw-codec CID of the same multihash: of a dag-pb root, its first block alone. */
export function rawTwin(cid: string): string {
  return CID.createV1(rawCodec, CID.parse(cid).multihash).toString()
}
