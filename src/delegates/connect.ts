import { peersOf } from '../domain/delegate.ts'
import type { Problem } from '../domain/problem.ts'
import { isPublicMultiaddr } from '../domain/public-multiaddr.ts'
import { NodeError, PeerError, problemOf } from '../errors.ts'
import type { PeeringNode } from '../node/node.ts'
import { connectedLine, dialLine } from '../text/lines/delegates.ts'
import { saidWhereLong } from '../text/long-wait.ts'
import { count } from '../text/numbers.ts'
import { duration } from '../text/times.ts'
import type { Work } from '../work.ts'
import { DelegateConnector, type Dialler, longestEnd, longestStart } from './connector.ts'
import { handedOrigins, type OriginsOf } from './handed-origins.ts'
import type { delegatesIn } from './known.ts'
import { NodePeering } from './node-peering.ts'
import { isOnPrivateNetwork } from './private-endpoint.ts'
import { noPeering, notPeered, notSaved, notTakenAway } from './problems.ts'
import { type PeeringWritten, savePeering } from './save-peering.ts'

/** What it takes to connect to delegates. */
export interface Connecting extends Pick<Work, 'node' | 'snapshot' | 'time' | 'log'> {
  readonly config: Pick<Work['config'], 'peering' | 'endpoint' | 'delegates'>
}

/** The node's connections to the service's peers, for as long as the run lasts. */
export interface Delegates extends AsyncDisposable {
  readonly connector: DelegateConnector
  /** For a node that can't be told whom to connect to: what to give it with a CID. */
  readonly originsOf: OriginsOf
  /** What `peering: save` came to; `null` where it was not to save, or could not. */
  readonly saved: PeeringWritten | null
  /** What went wrong so far. More may come until this is disposed of. */
  readonly problems: readonly Problem[]
}

/**
 * Peers and connects the node with the service's peers before anything is fetched: with the known ones for as long as
 * the run lasts, and with all of them for longer where `peering` says so.
 * @param self the node's peer ID; `undefined` where it must connect to nobody
 */
export async function connectDelegates(
  work: Connecting,
  { known, seen }: Pick<ReturnType<typeof delegatesIn>, 'known' | 'seen'>,
  self: string | undefined,
): Promise<Delegates> {
  const { config, node, snapshot, time, log } = work
  const problems: Problem[] = []
  const mode = config.peering
  const { peering } = node
  if (self !== undefined && peering === undefined && mode !== 'report') problems.push(noPeering(mode))
  const isPrivate = self !== undefined && (await isOnPrivateNetwork(config.endpoint, time.inTime))
  const mayDial = (address: string) => isPrivate || isPublicMultiaddr(address)
  const originsOf = handedOrigins(known, config.delegates !== undefined, mayDial)
  if (self === undefined || peering === undefined)
    return asItIs(
      new DelegateConnector(nowhere, { ...nobody, onFault, cancel: time.cancelled }),
      originsOf,
      problems,
    )
  const book = snapshot.peeringOf(self)
  const isKnown = new Set(known.map(({ peerId }) => peerId))
  const shown = peersOf(seen).toSorted((a, b) => b.lastSeen - a.lastSeen)
  const lastSeen = new Map(shown.map((peer) => [peer.peerId, peer.lastSeen]))
  const unknown = mode === 'report' ? [] : shown.filter(({ peerId }) => !isKnown.has(peerId))
  const connector = new DelegateConnector(peering, {
    self,
    peering: new NodePeering(peering, book, mode !== 'report'),
    wanted: [
      ...known.map((peer) => ({ ...peer, isTold: config.delegates !== undefined })),
      ...unknown.map((peer) => ({ ...peer, isTold: false })),
    ],
    mayDial,
    onFault,
    onDialled: (dialled) => log.debug(() => dialLine(dialled)),
    cancel: time.cancelled,
  })
  // What a killed run left is taken away now, and the copy in the cache must know that, too.
  if (book.added().length > 0) snapshot.markChanged()
  const whom = count(connector.wanted.length, 'delegate')
  await saidWhereLong(connector.start(time.inTime), () =>
    log.info(`Connecting to ${whom}: waiting up to ${duration(longestStart)}`),
  )
  const line = connectedLine(connector.wanted)
  if (line !== null) log.info(line)
  const saved = mode === 'save' ? await save(peering) : null
  const whole = asItIs(connector, originsOf, problems)
  return {
    ...whole,
    saved,
    async [Symbol.asyncDispose]() {
      await saidWhereLong(whole[Symbol.asyncDispose](), () =>
        log.info(
          `Taking the delegates out of the node’s peering: waiting up to ${duration(longestEnd.asPlanned)}`,
        ),
      )
    },
  }

  async function save(node: PeeringNode): Promise<PeeringWritten | null> {
    const peered = connector.peered.map(({ peerId, addrs }) => ({
      peerId,
      addrs,
      isKnown: isKnown.has(peerId),
      lastSeen: lastSeen.get(peerId) ?? 0,
    }))
    try {
      const { leftOut, ...written } = await savePeering(node, book, peered, time.inTime)
      if (written.isWritten) snapshot.markChanged()
      if (leftOut > 0) problems.push(notSaved(leftOut))
      return written
    } catch (error) {
      if (!time.isOver) problems.push(problemOf('peering', error))
      return null
    }
  }

  function onFault(where: 'peering' | 'end', error: unknown): void {
    if (!(error instanceof NodeError)) problems.push(problemOf('peering', error))
    else if (where === 'end') {
      snapshot.markChanged()
      problems.push(notTakenAway(error))
    } else if (mode === 'report') problems.push(notPeered(error))
    else problems.push(problemOf('peering', error))
  }
}

const nobody = { self: '', peering: undefined, wanted: [], mayDial: () => false }
const nowhere: Dialler = {
  connect: () => Promise.reject(new PeerError('this run connects the node to nobody')),
  connectedPeers: () => Promise.resolve(new Set()),
}

function asItIs(connector: DelegateConnector, originsOf: OriginsOf, problems: readonly Problem[]): Delegates {
  const end = () => connector[Symbol.asyncDispose]()
  return { connector, originsOf, saved: null, problems, [Symbol.asyncDispose]: end }
}
