import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { peerBinary } from './build.ts'
import { Daemon, untilPortsAreFree } from './daemon.ts'
import type { Kubo } from './kubo.ts'

const execute = promisify(execFile)
const accessLog = 'pinning-service.log'
const user = 'tester'
const password = randomBytes(12).toString('hex')

/** A real IPFS Cluster of one peer over a Kubo node: a Pinning Service API whose requestids are the CIDs. */
export class Cluster implements AsyncDisposable {
  readonly #folder: string
  readonly #bootstrap: readonly string[]
  #daemon: Daemon
  readonly kubo: Kubo
  /** The Pinning Service API. */
  readonly pinningServiceUrl: string
  /** The REST API, which knows each peer's true status. */
  readonly restUrl: string
  /** What looks like a Kubo RPC. */
  readonly proxyUrl: string
  readonly peerId: string
  /** Where other peers of the cluster find it. */
  readonly address: string
  /** For the Pinning Service API, as a bearer token. */
  token = ''

  private constructor(
    folder: string,
    kubo: Kubo,
    ports: Ports,
    peerId: string,
    { joins, restCertificate }: ClusterOptions,
  ) {
    this.#folder = folder
    const isTls = restCertificate !== undefined
    this.#bootstrap = joins === undefined ? [] : ['--bootstrap', joins]
    this.kubo = kubo
    this.peerId = peerId
    this.address = `/ip4/127.0.0.1/tcp/${ports.swarm}/p2p/${peerId}`
    this.pinningServiceUrl = `http://127.0.0.1:${ports.pinningService}`
    this.restUrl = `${isTls ? 'https' : 'http'}://127.0.0.1:${ports.rest}`
    this.proxyUrl = `http://127.0.0.1:${ports.proxy}`
    this.#daemon = this.#startDaemon()
  }

  /** Starts a cluster over `kubo`, which stays its caller's to stop; or a further peer of one. */
  static async start(kubo: Kubo, options: ClusterOptions = {}): Promise<Cluster> {
    return untilPortsAreFree(() => Cluster.#startOnce(kubo, options))
  }

  static async #startOnce(kubo: Kubo, options: ClusterOptions): Promise<Cluster> {
    const folder = await mkdtemp(join(tmpdir(), 'cluster-'))
    await execute(peerBinary('cluster'), ['--config', folder, 'init', '--consensus', 'crdt'])
    const [swarm, proxy, pinningService, rest] = await freePorts(4)
    const ports = { swarm, proxy, pinningService, rest } as Ports
    const { id } = JSON.parse(await readFile(join(folder, 'identity.json'), 'utf8')) as { id: string }
    await configure(folder, kubo, ports, options)
    const cluster = new Cluster(folder, kubo, ports, id, options)
    try {
      await cluster.#whenReady()
      cluster.token = await cluster.#askToken()
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
    return cluster
  }

  /** Ends the peer as a crash does. */
  async kill(): Promise<void> {
    await this.#daemon.kill()
  }

  /** Starts the peer again, with the same identity, pins and ports. */
  async restart(): Promise<void> {
    await untilPortsAreFree(async () => {
      this.#daemon = this.#startDaemon()
      await this.#whenReady()
    })
  }

  #startDaemon(): Daemon {
    const args = ['--config', this.#folder, 'daemon', ...this.#bootstrap]
    return new Daemon(peerBinary('cluster'), args, {})
  }

  async #whenReady(): Promise<void> {
    await this.#daemon.ready((output) => output.includes('IPFS Cluster is READY'))
  }

  /** Asks for CIDs to be pinned, as a user of the service does, and waits until the cluster has pinned them. */
  async pin(cids: Iterable<string>, name = (cid: string) => `name of ${cid}`): Promise<void> {
    const wanted = [...cids]
    for (const cid of wanted) await this.request('POST', '/pins', { cid, name: name(cid) })
    const end = Date.now() + 120_000
    const asked = new Set(wanted)
    while (Date.now() < end) {
      const pinned = await this.#requestids('pinned')
      for (const cid of asked) if (pinned.has(cid)) asked.delete(cid)
      if (asked.size === 0) return
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    throw new Error(
      `the cluster did not pin ${asked.size} of ${wanted.length} CIDs, ${[...asked][0]} among them`,
    )
  }

  /** A request to the Pinning Service API; throws where the status is not 2xx. */
  async request(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.pinningServiceUrl + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  /** All requests, by CID. */
  async requests(): Promise<
    ReadonlyMap<string, { readonly status: string; readonly name: string | undefined }>
  > {
    const answer = (await this.request('GET', '/pins?limit=1000&status=queued,pinning,pinned,failed')) as {
      results: { status: string; pin: { cid: string; name?: string } }[]
    }
    return new Map(answer.results.map(({ status, pin }) => [pin.cid, { status, name: pin.name }]))
  }

  /** How often pins were listed so far, by the service's own access log. */
  async listings(): Promise<number> {
    const log = await readFile(join(this.#folder, accessLog), 'utf8')
    return log.split('\n').filter((line) => line.includes('"GET /pins?')).length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #requestids(status: string): Promise<Set<string>> {
    const answer = (await this.request('GET', `/pins?limit=1000&status=${status}`)) as {
      results: { requestid: string }[]
    }
    return new Set(answer.results.map(({ requestid }) => requestid))
  }

  async #askToken(): Promise<string> {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    const response = await fetch(`${this.pinningServiceUrl}/token`, {
      method: 'POST',
      headers: { authorization },
    })
    return ((await response.json()) as { token: string }).token
  }
}

interface Ports {
  readonly swarm: number
  readonly proxy: number
  readonly pinningService: number
  readonly rest: number
}

interface ClusterOptions {
  /** After so long without progress a pin fails; the cluster's own default is 2 minutes. */
  readonly pinTimeout?: string
  /** The address of a peer whose cluster it joins. */
  readonly joins?: string
  /** What peers of one cluster share. */
  readonly secret?: string
  readonly name?: string
  /** How many peers are to have a CID. Default: all. */
  readonly replication?: number
  /** How often it tells the others what it has, unless it has just heard it; the cluster's own default is a minute. */
  readonly rebroadcastInterval?: string
  /** Who may ask the REST API: passwords by user. Default: anybody. */
  readonly restUsers?: Readonly<Record<string, string>>
  /** Has the REST API speak TLS; files. */
  readonly restCertificate?: { readonly certificate: string; readonly key: string }
}

async function configure(
  folder: string,
  kubo: Kubo,
  ports: Ports,
  {
    pinTimeout = '2m0s',
    secret,
    name,
    replication = -1,
    restUsers,
    restCertificate,
    rebroadcastInterval,
  }: ClusterOptions,
): Promise<void> {
  const path = join(folder, 'service.json')
  const config = JSON.parse(await readFile(path, 'utf8'))
  const loopback = (port: number | string) => `/ip4/127.0.0.1/tcp/${port}`
  const node = loopback(new URL(kubo.apiUrl).port)
  config.cluster.listen_multiaddress = [loopback(ports.swarm)]
  config.cluster.replication_factor_min = replication
  config.cluster.replication_factor_max = replication
  if (secret !== undefined) config.cluster.secret = secret
  if (rebroadcastInterval !== undefined) config.consensus.crdt.rebroadcast_interval = rebroadcastInterval
  if (name !== undefined) config.cluster.peername = name
  config.cluster.mdns_interval = '0s'
  config.cluster.monitor_ping_interval = '2s'
  config.monitor.pubsubmon.check_interval = '2s'
  // Without it peers join and are not seen.
  config.consensus.crdt.trusted_peers = ['*']
  config.api.ipfsproxy.listen_multiaddress = loopback(ports.proxy)
  config.api.ipfsproxy.node_multiaddress = node
  config.api.pinsvcapi.http_listen_multiaddress = loopback(ports.pinningService)
  config.api.pinsvcapi.http_log_file = accessLog
  config.api.pinsvcapi.basic_auth_credentials = { [user]: password }
  config.api.restapi.http_listen_multiaddress = loopback(ports.rest)
  if (restUsers !== undefined) config.api.restapi.basic_auth_credentials = restUsers
  if (restCertificate !== undefined) {
    config.api.restapi.ssl_cert_file = restCertificate.certificate
    config.api.restapi.ssl_key_file = restCertificate.key
  }
  config.ipfs_connector.ipfshttp.node_multiaddress = node
  config.ipfs_connector.ipfshttp.pin_timeout = pinTimeout
  await writeFile(path, JSON.stringify(config))
}

/** Ports that were free a moment ago: the cluster can't be told to choose its own and say which. Others may be quicker. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
