import { peersOf } from '../domain/delegate.ts'
import { delegateReport } from '../report/delegate-report.ts'
import { noPeering, tooManyDelegates } from '../report/warnings.ts'
import type { DelegateConnector, DelegateState } from './delegates.ts'
import { delegatesIn } from './known-delegates.ts'
import { type PeeringResult, peerWith } from './peering.ts'
import type { Found, Work } from './phase.ts'

/**
 * Connects the node to the service's peers before anything is fetched: to the known ones for as long as the run lasts,
 * and to all of them for longer where `peering` says so.
 * @returns what `peering` came to; `null` where it only reports
 */
export async function connectDelegates(
  work: Work,
  found: Found,
  delegates: DelegateConnector,
): Promise<PeeringResult | null> {
  const { config, node, record, time, log } = work
  const { known, seen } = found
  return log.group('Connecting to the service’s delegates', async () => {
    const result = config.peering === 'report' ? null : await peer(config.peering)
    await delegates.connectKnown(time.inTime)
    return result
  })

  async function peer(mode: 'connect' | 'save'): Promise<PeeringResult | null> {
    if (node.peering === undefined) {
      record.warnings.push(noPeering(mode))
      return null
    }
    const isKnown = new Set(known.map(({ peerId }) => peerId))
    const unknown = peersOf(seen).filter(({ peerId }) => !isKnown.has(peerId))
    try {
      const result = await peerWith(node.peering, [...known, ...unknown], mode, time.inTime)
      if (result.leftOut > 0) record.warnings.push(tooManyDelegates(result.leftOut))
      return result
    } catch (error) {
      if (!time.isOver) record.fail('peering', error)
      return null
    }
  }
}

/** Writes down whom the service has shown by now, and who of them was reached. */
export function recordDelegates(
  work: Work,
  { sides }: Found,
  delegates: DelegateConnector,
  peering: PeeringResult | null,
): void {
  const { record } = work
  // Requests that were sent meanwhile carry delegates too.
  const { seen, known } = delegatesIn(work, sides)
  const lately = new Map(delegates.known.map((state) => [state.peerId, state]))
  const others = (peering?.peered ?? []).filter(({ peerId }) => !lately.has(peerId))
  const peered: DelegateState[] = [...lately.values(), ...others]
  record.found.delegates = { ...delegateReport(seen, known, peered), saved: peering?.config ?? null }
}
