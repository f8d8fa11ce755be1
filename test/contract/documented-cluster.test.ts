import { execFile } from 'node:child_process'
import { mkdtempDisposableSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { havePeers, peerBinary, peerVersion } from '../peers/build.ts'
import { freePorts } from '../peers/cluster.ts'
import { ClusterOfPeers } from '../peers/clusters.ts'
import { Daemon, untilPortsAreFree } from '../peers/daemon.ts'
import { identityCid, Kubo } from '../peers/kubo.ts'
import { blocks } from '../unit/docs/pages.ts'

const execute = promisify(execFile)
const shownIn = (language: string) => blocks(language).filter(({ page }) => page === 'docs/cluster.md')
const shown = (program: string) => {
  const block = shownIn('sh').find(({ text }) => text.includes(program))
  if (block === undefined) throw new Error(`docs/cluster.md does not show ${program}`)
  return block.text
}
const secret = 'ab'.repeat(32)

/** Where the program of the pages is found, and where it keeps what it has. */
function environment(folder: string): Record<string, string> {
  const programs = dirname(peerBinary('cluster'))
  return { PATH: [programs, process.env['PATH']].join(delimiter), IPFS_CLUSTER_PATH: folder }
}

/** One of the page's boxes: all of them are on this machine, so that each has ports of its own. */
class Box implements AsyncDisposable {
  readonly kubo: Kubo
  readonly #daemon: Daemon
  readonly #rest: string

  private constructor(kubo: Kubo, daemon: Daemon, rest: string) {
    this.kubo = kubo
    this.#daemon = daemon
    this.#rest = rest
  }

  /** @param bootstrap what the last line of the commands has besides */
  static async start(number: number, folder: string, bootstrap = ''): Promise<Box & { swarm: number }> {
    const kubo = await Kubo.start()
    return untilPortsAreFree(async () => {
      const [swarm = 0, rest = 0, proxy = 0, pinningService = 0] = await freePorts(4)
      const at = (port: number | string) => `/ip4/127.0.0.1/tcp/${port}`
      const env = {
        ...environment(join(folder, `${number}-${swarm}`)),
        CLUSTER_LISTENMULTIADDRESS: at(swarm),
        CLUSTER_MDNSINTERVAL: '0s',
        CLUSTER_RESTAPI_HTTPLISTENMULTIADDRESS: at(rest),
        CLUSTER_IPFSPROXY_LISTENMULTIADDRESS: at(proxy),
        CLUSTER_PINSVCAPI_HTTPLISTENMULTIADDRESS: at(pinningService),
        CLUSTER_IPFSHTTP_NODEMULTIADDRESS: at(new URL(kubo.apiUrl).port),
        CLUSTER_IPFSPROXY_NODEMULTIADDRESS: at(new URL(kubo.apiUrl).port),
      }
      const commands = shown('ipfs-cluster-service daemon')
        .replace('peer-1', `peer-${number}`)
        .replace('SECRET=SECRET', `SECRET=${secret}`)
        // The shell makes way for it, so that it can be ended.
        .replace('ipfs-cluster-service daemon', `exec ipfs-cluster-service daemon ${bootstrap}`)
      const daemon = new Daemon('bash', ['-euc', commands], env)
      await daemon.ready((output) => output.includes('IPFS Cluster is READY'))
      return Object.assign(new Box(kubo, daemon, `127.0.0.1:${rest}`), { swarm })
    })
  }

  /** What the page's command says here. @param path of the API, by which it is found */
  async says(path: string): Promise<readonly Record<string, unknown>[]> {
    const command = shown(`9094/${path}\n`).replace('127.0.0.1:9094', this.#rest)
    const { stdout } = await execute('bash', ['-euc', command])
    return lines(stdout)
  }

  async ask(
    path: string,
    method = 'GET',
  ): Promise<{ ok: boolean; lines: readonly Record<string, unknown>[] }> {
    const authorization = `Basic ${Buffer.from('mirror:PASSWORD').toString('base64')}`
    const response = await fetch(`http://${this.#rest}/${path}`, { method, headers: { authorization } })
    return { ok: response.ok, lines: lines(await response.text()) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon.kill()
    await this.kubo[Symbol.asyncDispose]()
  }
}

const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe.skipIf(!havePeers('kubo', 'cluster'))('what docs/cluster.md shows', () => {
  test('the compose file: of versions that are tested, and each variable sets what it is for', async () => {
    const file = shownIn('yaml').find(({ text }) => text.includes('services:'))
    const { services } = parse(file?.text ?? '') as {
      services: Record<string, { image: string; command?: string; environment?: Record<string, unknown> }>
    }
    expect(services['ipfs']?.image).toBe(`ipfs/kubo:v${peerVersion('kubo')}`)
    expect(services['cluster']?.image).toBe(`ipfs/ipfs-cluster:v${peerVersion('cluster')}`)

    using folder = mkdtempDisposableSync(join(tmpdir(), 'compose-'))
    const given: Readonly<Record<string, string>> = {
      PEER: 'peer-2',
      CLUSTER_SECRET: secret,
      REST_PASSWORD: 'a-word',
    }
    const filled = Object.entries(services['cluster']?.environment ?? {}).map(([name, value]) => [
      name,
      String(value).replaceAll(/\$\{(\w+)\}/g, (_, variable: string) => given[variable] ?? 'nothing'),
    ])
    const env = { ...environment(folder.path), ...Object.fromEntries(filled) }
    // As the image does at its first start.
    await execute('ipfs-cluster-service', ['init', '--consensus', 'crdt'], { env })
    const config = JSON.parse(readFileSync(join(folder.path, 'service.json'), 'utf8'))
    expect(config).toMatchObject({
      cluster: { peername: 'peer-2', secret, replication_factor_min: 2, replication_factor_max: 2 },
      consensus: { crdt: { trusted_peers: ['*'] } },
      api: { restapi: { basic_auth_credentials: { mirror: 'a-word' } } },
      ipfs_connector: { ipfshttp: { node_multiaddress: '/dns4/ipfs/tcp/5001', unpin_disable: true } },
    })
    expect([config.api.restapi.http_listen_multiaddress].flat()).toEqual(['/ip4/0.0.0.0/tcp/9094'])
    const { stdout } = await execute('ipfs-cluster-service', ['daemon', '--help'], { env })
    const options = services['cluster']?.command?.split(' ').filter((word) => word.startsWith('--')) ?? []
    expect(options).toEqual(['--upgrade'])
    for (const option of [...options, '--bootstrap']) expect(stdout).toContain(option)
  })

  test('the commands by hand: three peers that keep two copies, and take nothing from a Kubo node', async () => {
    await using things = new AsyncDisposableStack()
    using folder = mkdtempDisposableSync(join(tmpdir(), 'by-hand-'))
    const first = things.use(await Box.start(1, folder.path))
    const [identity] = await first.says('id')
    const bootstrap = `--bootstrap /ip4/127.0.0.1/tcp/${first.swarm}/p2p/${String(identity?.['id'])}`
    const others = await Promise.all([2, 3].map((number) => Box.start(number, folder.path, bootstrap)))
    for (const box of others) things.use(box)
    const all = [first, ...others]
    const peers = async () => (await first.says('peers')).map(({ peername, error }) => `${peername} ${error}`)
    await expect.poll(peers).toHaveLength(3)
    expect((await peers()).toSorted()).toEqual(['peer-1 ', 'peer-2 ', 'peer-3 '])
    expect(await first.says('peers')).toMatchObject(all.map(() => ({ ipfs: { error: '' } })))

    // Pinned before there was a cluster, on all boxes.
    const own = identityCid('of the box')
    for (const { kubo } of all) await kubo.rpc('pin/add', { arg: own })
    const give = async (cid: string) => (await first.ask(`pins/${cid}`, 'POST')).ok
    await expect.poll(() => give(own)).toBe(true)
    const later = identityCid('given later')
    await give(later)
    const copies = async (cid: string) => {
      const pins = await Promise.all(all.map(({ kubo }) => kubo.pins()))
      return pins.filter((one) => one.has(cid)).length
    }
    await expect.poll(() => copies(later)).toBe(2)
    // Who has heard of the later one has done what there is to do about the other.
    for (const box of all)
      await expect
        .poll(async () => (await box.ask('allocations?filter=all')).lines.map(({ cid }) => cid))
        .toContain(later)
    expect(await copies(own)).toBe(3)
  })

  test('without UNPINDISABLE, a cluster takes what it is given from the Kubo nodes that are not to have it', async () => {
    await using cluster = await ClusterOfPeers.start({ peers: 2, replication: 1 })
    const own = identityCid('of a box')
    for (const { kubo } of cluster.peers) await kubo.rpc('pin/add', { arg: own })
    expect((await fetch(`${cluster.restUrl}/pins/${own}`, { method: 'POST' })).ok).toBe(true)
    const copies = async () => {
      const pins = await Promise.all(cluster.peers.map(({ kubo }) => kubo.pins()))
      return pins.filter((one) => one.has(own)).length
    }
    await expect.poll(copies).toBe(1)
  })
})
