import type { Direction } from '../config.ts'
import type { SeenDelegate } from '../domain/delegate.ts'
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

export function noPublicOrigins(): RunError {
  return {
    where: 'origins',
    message:
      'the node knows no public address of its own, so that the service may not be able to fetch from it. Forward its swarm port (4001) to it, or name addresses at which it can be reached in `origins`',
  }
}
