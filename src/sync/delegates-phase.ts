import { peersOf } from '../domain/delegate.ts'
import { isPublicMultiaddr } from '../domain/public-multiaddr.ts'
import { NodeError } from '../errors.ts'
import { delegateReport } from '../report/delegate-report.ts'
import { leftOutDelegates, noPeering, notPeered, notSaved, notTakenAway } from '../report/warnings.ts'
import { PeeringBook } from '../snapshot/peering-book.ts'
import { DelegateConnector } from './delegates.ts'
import { delegatesIn } from './known-delegates.ts'
import { NodePeering } from './node-peering.ts'
import type { Found, Work } from './phase.ts'
import { isOnPrivateNetwork } from './private-endpoint.ts'
import { type PeeringWritten, savePeering } from './save-peering.ts'

/** What it takes to connect to delegates. */
export interface Connecting extends Pick<Work, 'node' | 'record' | 'snapshot' | 'time' | 'log'> {
  readonly config: Pick<Work['config'], 'peering' | 'endpoint' | 'delegates'>
}

/** The node's connections to the service's peers, for as long as the run lasts. */
export interface Delegates extends AsyncDisposable {
  readonly connector: DelegateConnector
  /** What `peering: save` came to; `null` where it was not to save, or could not. */
  readonly saved: PeeringWritten | null
}

/**
 * Has the node peered with and connected to the service's peers before anything is fetched: to the known ones for as
 * long as the run lasts, and to all of them for longer where `peering` says so.
 * @param self the node's peer ID; `undefined` where it is to connect to nobody
 */
export async function connectDelegates(
  work: Connecting,
  found: Pick<Found, 'known' | 'seen'>,
  self: string | undefined,
): Promise<Delegates> {
  const { config, node, record, snapshot, time, log } = work
  const { known, seen } = found
  if (self === undefined)
    return asItIs(new DelegateConnector(node, { ...nobody, onFault, cancel: time.cancelled }))
  const mode = config.peering
  const book = new PeeringBook(snapshot.db, self)
  const isPrivate = await isOnPrivateNetwork(config.endpoint, time.inTime)
  const isKnown = new Set(known.map(({ peerId }) => peerId))
  const shown = peersOf(seen).toSorted((a, b) => b.lastSeen - a.lastSeen)
  const lastSeen = new Map(shown.map((peer) => [peer.peerId, peer.lastSeen]))
  const unknown = mode === 'report' ? [] : shown.filter(({ peerId }) => !isKnown.has(peerId))
  const connector = new DelegateConnector(node, {
    self,
    peering: node.peering && new NodePeering(node.peering, book, mode !== 'report'),
    wanted: [
      ...known.map((peer) => ({ ...peer, isTold: config.delegates !== undefined })),
      ...unknown.map((peer) => ({ ...peer, isTold: false })),
    ],
    mayDial: (address) => isPrivate || isPublicMultiaddr(address),
    onFault,
    cancel: time.cancelled,
  })
  if (mode !== 'report' && node.peering === undefined) record.warnings.push(noPeering(mode))
  const saved = await log.group('Connecting to the service’s delegates', async () => {
    // The copy in the cache is to know, too, that they are gone.
    if (book.added().length > 0) snapshot.markChanged()
    await connector.start(time.inTime)
    return mode === 'save' ? save() : null
  })
  return { ...asItIs(connector), saved }

  async function save(): Promise<PeeringWritten | null> {
    if (node.peering === undefined) return null
    const peered = connector.peered.map(({ peerId, addrs }) => ({
      peerId,
      addrs,
      isKnown: isKnown.has(peerId),
      lastSeen: lastSeen.get(peerId) ?? 0,
    }))
    try {
      const { leftOut, ...written } = await savePeering(node.peering, book, peered, time.inTime)
      if (written.isWritten) snapshot.markChanged()
      if (leftOut > 0) record.warnings.push(notSaved(leftOut))
      return written
    } catch (error) {
      if (!time.isOver) record.fail('peering', error)
      return null
    }
  }

  function onFault(where: 'peering' | 'end', error: unknown): void {
    if (!(error instanceof NodeError)) record.fail('peering', error)
    else if (where === 'end') {
      snapshot.markChanged()
      record.warnings.push(notTakenAway(error))
    } else if (mode === 'report') record.warnings.push(notPeered(error))
    else record.fail('peering', error)
  }
}

const nobody = { self: '', peering: undefined, wanted: [], mayDial: () => false }

function asItIs(connector: DelegateConnector): Delegates {
  return { connector, saved: null, [Symbol.asyncDispose]: () => connector[Symbol.asyncDispose]() }
}

/** Writes down whom the service has shown by now, and who of them was reached. */
export function recordDelegates(work: Work, { sides }: Found, { connector, saved }: Delegates): void {
  const { record, book } = work
  // Requests that were sent meanwhile carry delegates too.
  const { seen, known } = delegatesIn(work, sides)
  const leftOut = { addresses: book.leftOut, ...connector.leftOut }
  record.found.delegates = { ...delegateReport(seen, known, connector.wanted), saved, leftOut }
  for (const warning of leftOutDelegates(leftOut)) record.warnings.push(warning)
}
