import pMap from 'p-map'
import type { NodeError } from '../errors.ts'
import type { Gateways } from '../gateways/gateways.ts'
import type { BlockIntake } from '../node/node.ts'
import type { BackupOptions, DuePins, MissingPin } from './missing-pins.ts'
import { type BackupEdges, pinAll } from './one-by-one/pin-all.ts'

/** So many are fetched before they are pinned: what is not pinned, a garbage collection may take away. */
const ofBatch = 16

interface Edges {
  /** Of those that were due: which the peers did not give. */
  readonly isLeft: (pin: MissingPin) => boolean
  readonly intake: BlockIntake
  readonly gateways: Gateways
  /** As ever, but for what became of a CID. */
  readonly pins: Pick<BackupEdges, 'node' | 'delegates'>
  readonly onPinned: (pin: MissingPin) => void
}

/**
 * Fetches over HTTP what the peers did not give, once all of it was tried with them; then it is pinned as ever, which
 * checks that all of it is there. What gateways do not give stays failed, for the reason that it had.
 * @returns the fault of the whole node that ended it
 */
export async function fetchByGateways(
  due: DuePins,
  { isLeft, intake, gateways, pins, onPinned }: Edges,
  options: BackupOptions,
): Promise<NodeError | null> {
  const { inTime } = options
  // It is counted as failed already.
  const edges = { ...pins, onPinned, onFailed: () => undefined }
  let batch: MissingPin[] = []
  for (let place = 0; place < due.length && !inTime.aborted && gateways.areAny; place++) {
    const pin = due.at(place)
    if (pin !== undefined && isLeft(pin)) batch.push(pin)
    if (batch.length < ofBatch && place < due.length - 1) continue
    const fetched = await fetchAll(batch)
    const nodeError = await pinAll(fetched, edges, { ...options, attempts: 1 })
    if (nodeError !== null) return nodeError
    batch = []
  }
  return null

  async function fetchAll(wanted: readonly MissingPin[]): Promise<MissingPin[]> {
    const results = await pMap(wanted, async (pin) => {
      try {
        return (await gateways.fetch(pin.cid, intake, inTime)) === undefined ? [pin] : []
      } catch (error) {
        if (inTime.aborted) return []
        throw error
      }
    })
    return results.flat()
  }
}
