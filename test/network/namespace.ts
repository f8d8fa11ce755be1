import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { endWithThisProcess } from '../peers/daemon.ts'

/** Public addresses that this machine answers at inside the namespace; nobody else can reach it there. */
export const publicAddresses = ['5.9.1.1', '5.9.1.2', '5.9.1.3', '5.9.1.4'] as const

const addresses = publicAddresses.map((address) => `ip addr add ${address}/32 dev lo`)
const setUp = ['ip link set lo up', ...addresses].join(' && ')

/** How `unshare` makes a network namespace here: as root, or as root in a user namespace of its own. */
const ways = [['-n'], ['-r', '-n']]

/** The arguments of `unshare` that make a namespace with these addresses; `undefined` where none may be made. */
const way = ways.find((args) => spawnSync('unshare', [...args, 'sh', '-c', setUp]).status === 0)

/** Whether there are network namespaces here; says so once where there are none. Under CI there must be. */
export function haveNamespaces(): boolean {
  if (way !== undefined) return true
  const message =
    'no network namespace can be made here (unshare and ip, as root or with user namespaces, which on Ubuntu 24.04 take `sysctl kernel.apparmor_restrict_unprivileged_userns=0`)'
  if (process.env['CI']) throw new Error(message)
  console.warn(`Skipping the tests on public addresses: ${message}.`)
  return false
}

/** Words of the shell that make the way to public addresses long and lossy, there and back: 200 ms, 1 in 100 lost. */
export const farAway = [
  'tc qdisc add dev lo root handle 1: prio bands 4',
  'tc qdisc add dev lo parent 1:4 handle 40: netem delay 100ms loss 1%',
  'tc filter add dev lo parent 1:0 protocol ip u32 match ip dst 5.9.0.0/16 flowid 1:4',
].join(' && ')

/** Whether that can be had here: it takes `tc` and a kernel with netem. */
export function haveDelays(): boolean {
  const command = `${setUp} && ${farAway}`
  return way !== undefined && spawnSync('unshare', [...way, 'sh', '-c', command]).status === 0
}

/**
 * Runs a TypeScript file in a network namespace of its own, which ends with it.
 * @param prepare what else to set up there, in words of the shell
 * @returns what it wrote as JSON
 */
export async function inNamespace<T>(file: string, args: readonly string[], prepare = 'true'): Promise<T> {
  const script = fileURLToPath(new URL(file, import.meta.url))
  const command = `${setUp} && ${prepare} && exec "$0" "$@"`
  const child = spawn(
    'unshare',
    [...(way ?? ['-n']), 'sh', '-c', command, process.execPath, script, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  endWithThisProcess(child)
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const [code] = await new Promise<[number | null]>((resolve) =>
    child.once('close', (status) => resolve([status])),
  )
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${output}${errors}`)
  return JSON.parse(output) as T
}
