import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, readFileSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { withLock } from './lock.ts'

const kubo = { program: 'kubo', module: 'github.com/ipfs/kubo', command: '/cmd/ipfs', binary: 'ipfs' }

/** The real programs that tests run against. Each one's version is pinned by the go.mod in its folder. */
const peers = {
  kubo,
  'kubo-oldest': kubo,
  cluster: {
    program: 'cluster',
    module: 'github.com/ipfs-cluster/ipfs-cluster',
    command: '/cmd/ipfs-cluster-service',
    binary: 'ipfs-cluster-service',
  },
  act: { program: 'act', module: 'github.com/nektos/act', command: '', binary: 'act' },
} as const

type Peer = keyof typeof peers
/** The newest Kubo, and the oldest that is tested. */
export const kuboPeers = ['kubo', 'kubo-oldest'] as const
export type KuboPeer = (typeof kuboPeers)[number]
const names = Object.keys(peers) as Peer[]

const builds = fileURLToPath(new URL('../../.peers/', import.meta.url))
const moduleFolder = (peer: Peer) => fileURLToPath(new URL(`./${peer}/`, import.meta.url))

/** Where a peer's program is once it is built; a new version has a new place. */
export function peerBinary(peer: Peer): string {
  const { program, binary } = peers[peer]
  return join(builds, `${program}-v${peerVersion(peer)}`, binary)
}

/** The version that the peer's go.mod pins, such as `0.43.0`. */
export function peerVersion(peer: Peer): string {
  const { module } = peers[peer]
  const requirement = new RegExp(`^\\s*${module} v(\\S+)`, 'm')
  const version = requirement.exec(readFileSync(join(moduleFolder(peer), 'go.mod'), 'utf8'))?.[1]
  if (version === undefined) throw new Error(`test/peers/${peer}/go.mod does not require ${module}`)
  return version
}

/** The folder of a peer's source, as its authors wrote it; it is where Go keeps it, and downloaded where it is not. */
export async function sourceOf(peer: Peer): Promise<string> {
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', peers[peer].module], {
    cwd: moduleFolder(peer),
    env: { ...process.env, GOWORK: 'off' },
  })
  return (JSON.parse(stdout) as { Dir: string }).Dir
}

/** Whether peers are built, all of them if none is named: what needs one is skipped where not. */
export function havePeers(...needed: readonly Peer[]): boolean {
  return (needed.length > 0 ? needed : names).every((peer) => existsSync(peerBinary(peer)))
}

/** Builds the peers that are missing, one after the other. Throws with the reason where one can't be had. */
export async function buildPeers(): Promise<void> {
  if (havePeers()) return
  await mkdir(builds, { recursive: true })
  await withLock(join(builds, 'lock'), async () => {
    for (const peer of names) if (!existsSync(peerBinary(peer))) await build(peer)
  })
}

async function build(peer: Peer): Promise<void> {
  const { module, command } = peers[peer]
  const target = peerBinary(peer)
  const log = join(builds, `${peer}.log`)
  const started = Date.now()
  const unfinished = `${target}.part`
  const go = spawn(
    'go',
    ['build', '-mod=readonly', '-trimpath', '-buildvcs=false', '-o', unfinished, module + command],
    { cwd: moduleFolder(peer), env: { ...process.env, GOWORK: 'off' }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  go.once('spawn', () => console.info(`Building ${module} for the tests, once: 1 to 5 minutes`))
  const output = createWriteStream(log)
  go.stdout.pipe(output, { end: false })
  go.stderr.pipe(output, { end: false })
  const [code] = await once(go, 'close').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Error('Go is not installed') : error
  })
  output.end()
  if (code !== 0) throw new Error(`${module} does not build, see ${log}`)
  // Renamed at the end, so that what has the name is whole.
  await rename(unfinished, target)
  console.info(`Built ${module} in ${Math.round((Date.now() - started) / 1000)} s`)
}
