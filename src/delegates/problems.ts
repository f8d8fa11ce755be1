import type { SeenDelegate } from '../domain/delegate.ts'
import { mostDelegates } from '../domain/delegate-bounds.ts'
import type { Problem } from '../domain/problem.ts'
import type { NodeError } from '../errors.ts'
import type { Report } from '../report/report.ts'

export function unparsedDelegates(seen: readonly SeenDelegate[]): Problem[] {
  const unparsed = seen.filter(({ peerId }) => peerId === null)
  if (unparsed[0] === undefined) return []
  const message = `${unparsed.length} of the service's delegates are no multiaddr of a peer, such as ${unparsed[0].address}. They are left out`
  return [{ isError: false, where: 'delegates', message }]
}

export function noPeering(mode: 'connect' | 'save'): Problem {
  return {
    isError: false,
    where: 'peering',
    todo: 'Write the delegates into the config of each Kubo node',
    message: `\`peering: ${mode}\` needs a Kubo node: a node of this kind cannot be told whom to stay connected to. Write the delegates into \`Peering.Peers\` of the config of each of its Kubo nodes`,
  }
}

/** The node may not be told, or did not answer. Without peering, Kubo asks no peers on public addresses for blocks. */
export function notPeered({ message }: NodeError): Problem {
  return {
    isError: false,
    where: 'peering',
    todo: 'Let this action peer the node',
    message: `the node could not be peered with the service's delegates, so that it may not ask them for blocks, and pins may not arrive: ${message} Where \`API.Authorizations\` limits paths, allow \`/api/v0/swarm/peering\``,
  }
}

export function notSaved(leftOut: number): Problem {
  return {
    isError: false,
    where: 'peering',
    message: `the node's config has room for 100 peers of this mirror: ${leftOut} were not written, known ones last`,
  }
}

export function notTakenAway({ message }: NodeError): Problem {
  return {
    isError: false,
    where: 'peering',
    message: `not all that this run added to the node's peering could be taken away again, and the next run does it: ${message}`,
  }
}

export function leftOutDelegates(leftOut: Report['delegates']['leftOut']): Problem[] {
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
      isError: false,
      where: 'delegates',
      message: `the service names ${what}: ${left >= mostDelegates.counted ? 'at least ' : ''}${left} ${then}`,
    }))
}
