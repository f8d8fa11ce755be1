import type { Problem } from '../domain/problem.ts'
import type { Obstacle } from '../domain/reachability.ts'
import { count } from '../text/numbers.ts'
import type { Reasons } from './reasons.ts'

/** The run rests on the listing before, which was proved; the requests that it tells of were looked at since. */
export function unprovedSince(name: string, why: readonly string[]): Problem {
  return {
    isError: false,
    where: `bucket ${name}`,
    message: `after the sending it could not be proved what the bucket has: ${why.join('; ')}. What was sent and not seen is pending, and the numbers of requests may be off; the next run lists the bucket again before it sends anything`,
  }
}

/** @param names of the buckets that are not proved complete */
export function nothingSent(names: readonly string[], missing: number): Problem {
  const [what, it] = names.length === 1 ? ['a bucket is', 'it'] : [`${names.length} buckets are`, 'they']
  return {
    isError: false,
    where: 'update',
    message: `nothing was sent, as ${what} not proved complete (${names.join(', ')}): ${it} may have the ${count(missing, 'CID')} that no other has, and each would be paid for twice`,
  }
}

export function noAnswerThatCounts({ count: howMany, first: [one] }: Reasons): Problem {
  return {
    isError: false,
    where: 'update',
    message: `${count(howMany, 'CID')} got no answer that counts, such as: ${one}. The service may have taken ${howMany === 1 ? 'it' : 'them'} in all the same, so that ${howMany === 1 ? 'it is' : 'they are'} pending, and sent again only once that is sure`,
  }
}

export function heldInDoubt(left: number): Problem {
  return {
    isError: false,
    where: 'update',
    message: `${count(left, 'CID')} ${left === 1 ? 'was' : 'were'} sent before with no answer that counts, or not listed since: the service may have ${left === 1 ? 'it' : 'them'} all the same, and nothing is paid for twice. What a complete listing an hour later does not show is sent again`,
  }
}

/** @param counts by the names of buckets that no line of `buckets` has */
export function heldForBuckets(counts: ReadonlyMap<string, number>): Problem[] {
  return [...counts].map(([name, held]) => ({
    isError: false,
    where: `bucket ${name}`,
    todo: `Find out whether \`${name}\` is closed`,
    message: `${count(held, 'CID')} ${held === 1 ? 'is' : 'are'} not sent, as earlier runs found ${held === 1 ? 'it' : 'them'} in this bucket, which \`buckets\` does not name now: where it is still there, ${held === 1 ? 'it' : 'each'} would be paid for twice. If the bucket is closed, name it in \`ignore-buckets\`, and start a run by hand (\`workflow_dispatch\`) with \`full-listing: true\`: the bucket is then forgotten, and what it had is sent. Else give it back its line in \`buckets\`, or add the CIDs to \`ignore\``,
  }))
}

export function notKnown({ count: howMany, first: [one] }: Reasons): Problem {
  return {
    isError: false,
    where: 'update',
    message: `the service did not tell of ${count(howMany, 'CID')} whether it has ${howMany === 1 ? 'it' : 'them'}, so that ${howMany === 1 ? 'it is' : 'they are'} not sent. The first: ${one}`,
  }
}

export function notAskedAgain({ count: howMany, first }: Reasons): Problem {
  const others = howMany - first.length
  const more = others > 0 ? `; and ${count(others, 'other')}` : ''
  return { isError: false, where: 'update', message: `${first.join('; ')}${more}` }
}

export function sentWithoutOrigins(refusal: string): Problem {
  return {
    isError: false,
    where: 'origins',
    todo: 'Set `origins: none`',
    message: `the service refused every request that named origins (${refusal}), and takes them without: they were sent without. Set \`origins: none\` for this service`,
  }
}

/** Before an update: what keeps the service from fetching from the node. */
export function cannotBeDialled({ kind, nat }: Obstacle): Problem {
  const why = {
    'no-public-address': 'the node knows no public address of its own',
    'not-reachable': 'the node has found out (by AutoNAT) that others cannot dial it from the Internet',
  }[kind]
  const before = nat === null ? '' : ` It is behind ${nats[nat]}.`
  return {
    isError: false,
    where: 'origins',
    todo: 'Make the node reachable from the Internet',
    message: `${why}, so that the service may not be able to fetch from it.${before} Forward its swarm port (4001, TCP and UDP) to it, let it announce an address at which it can be reached (Addresses.AppendAnnounce in Kubo's config), or name such addresses in \`origins\``,
  }
}

const nats = {
  cgnat: 'a NAT of your Internet provider, where forwarding the port is not enough: ask for a public address',
  'double-nat': 'two NATs, one after the other: the port has to be forwarded on both',
}
