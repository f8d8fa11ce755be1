import { peerIdOf } from '../../../src/domain/delegate.ts'
import { RpcError } from './rpc.ts'
import { checkMultiaddr } from './swarm.ts'

type Section = Record<string, unknown>

/** The node's config file, as `config` reads and writes it by dotted key. */
export class NodeConfig {
  /** What the file holds, for people to edit. */
  file: Section = { Peering: { Peers: null } }

  read(key: string): unknown {
    try {
      return sorted(this.#find(key))
    } catch (error) {
      throw new RpcError(`failed to get config value: "${(error as Error).message}"`)
    }
  }

  write(key: string, value: string, isJson: boolean): void {
    if (key !== 'Peering.Peers') throw refused(`${this.#firstUnknown(key)} not found`)
    const parsed = isJson ? parse(value) : value
    checkPeers(parsed)
    const { Peering } = this.file
    this.file = { ...this.file, Peering: { ...(Peering as Section | undefined), Peers: parsed } }
  }

  #find(key: string): unknown {
    let place: unknown = this.file
    const passed: string[] = []
    for (const step of key.split('.')) {
      if (!isSection(place)) throw new Error(`${passed.join('.')} key is not a map`)
      passed.push(step)
      if (!(step in place)) throw new Error(`${passed.join('.')} not found`)
      place = place[step]
    }
    return place
  }

  #firstUnknown(key: string): string {
    const steps = key.split('.')
    const known = steps.findIndex((step, index) => step !== ['Peering', 'Peers'][index])
    return steps.slice(0, known + 1).join('.')
  }
}

function parse(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch (error) {
    throw new RpcError(`failed to unmarshal json. ${(error as Error).message}`)
  }
}

/** Kubo writes only what it can read at its next start. */
function checkPeers(value: unknown): void {
  if (value === null) return
  if (!Array.isArray(value)) throw undecodable(`json: cannot unmarshal ${typeof value} into Go struct field`)
  for (const { ID, Addrs } of value as { ID?: string; Addrs?: readonly string[] | null }[]) {
    if (ID !== undefined && peerIdOf(`/p2p/${ID}`) === undefined)
      throw undecodable('failed to parse peer ID: invalid cid: selected encoding not supported')
    for (const address of Addrs ?? []) {
      try {
        checkMultiaddr(address)
      } catch (error) {
        throw undecodable((error as Error).message)
      }
    }
  }
}

const refused = (why: string) => new RpcError(`failed to set config value: ${why} (maybe use --json?)`)
const undecodable = (why: string) => refused(`failure to decode config: ${why}`)

const isSection = (value: unknown): value is Section =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Kubo writes the keys of every object in their order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isSection(value)) return value
  const keys = Object.keys(value).sort()
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]))
}
