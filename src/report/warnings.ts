import type { Direction } from '../config/types.ts'
import type { SeenDelegate } from '../domain/delegate.ts'
import { mostCounted } from '../domain/kept-peers.ts'
import type { Obstacle } from '../domain/reachability.ts'
import { NodeError } from '../errors.ts'
import type { ListedBucket } from '../sync/list-service.ts'
import type { InspectReport } from './inspect-report.ts'
import { count } from './page.ts'
import type { Report, RunError } from './report.ts'

/*
 * What a run met that does not end it, as the log, the summary and the report say it.
 */

export function emptyNode(pinsBefore: number): RunError {
  return {
    where: 'node',
    message: `the node lists no pins, and had ${pinsBefore} in the last run: nothing is pinned before a run a day later sees the same, or a run by hand (\`workflow_dispatch\`) with \`full-listing: true\` does. Check that \`node-url\` leads to the right node and that its repository is mounted`,
  }
}

/** Requests that vanished in a drop too large to be believed at once. */
export function largeDrops(buckets: readonly ListedBucket[]): RunError[] {
  return buckets.flatMap(({ name, result }) => {
    if (result === undefined || result.droppedAt === null) return []
    const { vanished, droppedAt } = result
    return [
      {
        where: `bucket ${name}`,
        message: `${count(vanished, 'request')} of bucket ${name} vanished at once, seen first on ${new Date(droppedAt).toISOString()}. They are not taken for deleted, and an update does not send their CIDs, before a run a day later sees the same. If somebody deleted them, confirm it at once by a run by hand (\`workflow_dispatch\`) with \`full-listing: true\`; if nobody did, ask the service`,
      },
    ]
  })
}

/** The run rests on the listing before, which was proved; the requests that it tells of were looked at since. */
export function unprovedSince(name: string, why: readonly string[]): RunError {
  return {
    where: `bucket ${name}`,
    message: `after the sending it could not be proved what the bucket has: ${why.join('; ')}. What was sent and not seen is pending, and the numbers of requests may be off; the next run lists the bucket again before it sends anything`,
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
  const [first] = requests.invalid(1)
  if (first === undefined) return []
  const { requestid, cid } = first
  const message = `${requests.invalidCount()} requests have a CID that does not parse, such as ${requestid}: ${cid}. They are left alone`
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

/** @param reasons of each */
export function noAnswerThatCounts(reasons: readonly string[]): RunError {
  return {
    where: 'update',
    message: `${count(reasons.length, 'CID')} got no answer that counts, such as: ${reasons[0]}. The service may have taken ${reasons.length === 1 ? 'it' : 'them'} in all the same, so that ${reasons.length === 1 ? 'it is' : 'they are'} pending, and sent again only once that is sure`,
  }
}

export function heldInDoubt(left: number): RunError {
  return {
    where: 'update',
    message: `${count(left, 'CID')} ${left === 1 ? 'was' : 'were'} sent before with no answer that counts, or not listed since: the service may have ${left === 1 ? 'it' : 'them'} all the same, and nothing is paid for twice. What a complete listing an hour later does not show is sent again`,
  }
}

export function notAskedAgain(reasons: readonly string[]): RunError {
  const some = reasons.slice(0, 3).join('; ')
  const more = reasons.length > 3 ? `; and ${count(reasons.length - 3, 'other')}` : ''
  return { where: 'update', message: `${some}${more}` }
}

export function sentWithoutOrigins(refusal: string): RunError {
  return {
    where: 'origins',
    message: `the service refused every request that named origins (${refusal}), and takes them without: they were sent without. Set \`origins: none\` for this service`,
  }
}

export function noPeering(mode: 'connect' | 'save'): RunError {
  return {
    where: 'peering',
    message: `\`peering: ${mode}\` needs a Kubo node: a node of this kind cannot be told whom to stay connected to`,
  }
}

/** A node that is not to be told, or does not answer: merely connected peers on public addresses give it nothing. */
export function notPeered({ message }: NodeError): RunError {
  return {
    where: 'peering',
    message: `the node could not be peered with the service's delegates, so that it may not ask them for blocks, and pins may not arrive: ${message} Where \`API.Authorizations\` limits paths, allow \`/api/v0/swarm/peering\``,
  }
}

export function notSaved(leftOut: number): RunError {
  return {
    where: 'peering',
    message: `the node's config has room for 100 peers of this mirror: ${leftOut} were not written, known ones last`,
  }
}

/** @param error of the node, or the reason why no more time was left */
export function notTakenAway(error: unknown): RunError {
  const why = error instanceof NodeError ? error.message : 'the node did not answer in time.'
  return {
    where: 'peering',
    message: `not all that this run added to the node's peering could be taken away again, and the next run does it: ${why}`,
  }
}

export function leftOutDelegates(leftOut: Report['delegates']['leftOut']): RunError[] {
  const { addresses, peers, notPublic } = leftOut
  const warnings = [
    [
      addresses,
      'more addresses of delegates than are kept (20 of a peer, 1,000 peers)',
      'were left out, those seen in earlier runs first',
    ],
    [peers, 'more delegates than a node is peered with (1,000)', 'were left out, known ones last'],
    [
      notPublic,
      'delegates at addresses that are not of the Internet',
      'addresses are not dialled. If they are meant, name them in `delegates`',
    ],
  ] as const
  return warnings
    .filter(([left]) => left > 0)
    .map(([left, what, then]) => ({
      where: 'delegates',
      message: `the service names ${what}: ${left >= mostCounted ? 'at least ' : ''}${left} ${then}`,
    }))
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
