import type { Direction } from '../config.ts'
import type { SeenDelegate } from '../domain/delegate.ts'
import type { Obstacle } from '../domain/reachability.ts'
import type { ListedBucket } from '../sync/list-service.ts'
import type { InspectReport } from './inspect-report.ts'
import { count } from './page.ts'
import type { RunError } from './report.ts'

/*
 * What a run met that does not end it, as the log, the summary and the report say it.
 */

export function emptyNode(pinsBefore: number): RunError {
  return {
    where: 'node',
    message: `the node lists no pins, and had ${pinsBefore} in the last run: nothing is pinned before a further run sees the same. Check that \`node-url\` leads to the right node and that its repository is mounted`,
  }
}

/** A bucket that is forgotten, or has another name now, would else go missing without a word. */
export function leftOutBuckets(names: readonly string[], direction: Direction): RunError[] {
  const effect = {
    backup: 'it is not backed up',
    update: 'what it had is not sent to another bucket',
    both: 'it is not backed up, and what it had is not sent to another bucket',
  }[direction]
  return names.map((name) => ({
    where: `bucket ${name}`,
    message: `earlier runs listed it, and \`buckets\` does not name it now: ${effect}. If that is meant, give the job another \`cache-key\` to start afresh without it`,
  }))
}

export function unparsedDelegates(seen: readonly SeenDelegate[]): RunError[] {
  const unparsed = seen.filter(({ peerId }) => peerId === null)
  if (unparsed[0] === undefined) return []
  const message = `${unparsed.length} of the service's delegates are no multiaddr of a peer, such as ${unparsed[0].address}. They are left out`
  return [{ where: 'delegates', message }]
}

export function invalidCids({ name, requests }: ListedBucket): RunError[] {
  const invalid = requests.invalid()
  if (invalid[0] === undefined) return []
  const { requestid, cid } = invalid[0]
  const message = `${invalid.length} requests have a CID that does not parse, such as ${requestid}: ${cid}. They are left alone`
  return [{ where: `bucket ${name}`, message }]
}

/** @param names of the buckets that are not proved complete */
export function nothingSent(names: readonly string[], missing: number): RunError {
  const [what, it] = names.length === 1 ? ['a bucket is', 'it'] : [`${names.length} buckets are`, 'they']
  return {
    where: 'update',
    message: `nothing was sent, as ${what} not proved complete (${names.join(', ')}): ${it} may have the ${count(missing, 'CID')} that no other has, and each would be paid for twice`,
  }
}

export function noPeering(mode: 'connect' | 'save'): RunError {
  return {
    where: 'peering',
    message: `\`peering: ${mode}\` needs a Kubo node: a node of this kind cannot be told whom to stay connected to`,
  }
}

export function tooManyDelegates(leftOut: number): RunError {
  return {
    where: 'peering',
    message: `the service shows more delegates than are peered with in one run: ${leftOut} were left out, known ones last`,
  }
}

export function invalidInspected(results: readonly InspectReport[]): RunError[] {
  const invalid = results.filter(({ valid }) => !valid).map(({ cid }) => cid)
  if (invalid.length === 0) return []
  const some = invalid.slice(0, 5).map((text) => JSON.stringify(text.slice(0, 100)))
  const more = invalid.length > some.length ? ` and ${count(invalid.length - some.length, 'other')}` : ''
  return [{ where: 'inspect', message: `no CID, and not looked up: ${some.join(', ')}${more}` }]
}

/** Before an update: what keeps the service from fetching from the node. */
export function cannotBeDialled({ kind, nat }: Obstacle): RunError {
  const why = {
    'no-public-address': 'the node knows no public address of its own',
    'not-reachable': 'the node has found out (by AutoNAT) that others cannot dial it from the Internet',
  }[kind]
  const before = nat === null ? '' : ` It is behind ${nats[nat]}.`
  return {
    where: 'origins',
    message: `${why}, so that the service may not be able to fetch from it.${before} Forward its swarm port (4001, TCP and UDP) to it, let it announce an address at which it can be reached (Addresses.AppendAnnounce in Kubo's config), or name such addresses in \`origins\``,
  }
}

const nats = {
  cgnat: 'a NAT of your Internet provider, where forwarding the port is not enough: ask for a public address',
  'double-nat': 'two NATs, one after the other: the port has to be forwarded on both',
}
