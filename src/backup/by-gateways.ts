import { allEnded } from '../all-ended.ts'
import type { Outcomes } from '../domain/outcomes.ts'
import type { NodeError } from '../errors.ts'
import type { Gateways } from '../gateways/gateways.ts'
import { Intake } from '../intake.ts'
import type { ImportingNode } from '../node/node.ts'
import type { Ledger } from '../snapshot/ledger.ts'
import type { Log } from '../text/log.ts'
import { count } from '../text/numbers.ts'
import type { BackupOptions, DuePins, MissingPin } from './missing-pins.ts'
import { type BackupEdges, pinAll } from './one-by-one/pin-all.ts'

/** So many are fetched before they are pinned: what is not pinned, a garbage collection may take away. */
const ofBatch = 16

interface Edges {
  /** `undefined` for a node that takes none in. */
  readonly importing: ImportingNode | undefined
  readonly gateways: Gateways
  readonly ledger: Ledger
  readonly pins: Pick<BackupEdges, 'node' | 'delegates'>
  readonly log: Log
}

/**
 * Fetches over HTTP what the peers did not give, once all of it was tried with them; then it is pinned as ever, which
 * checks that all of it is there. What gateways do not give stays failed, for the reason that it had.
 * @returns the fault of the whole node that ended it
 */
export async function pinByGateways(
  due: DuePins,
  outcomes: Outcomes,
  { importing, gateways, ledger, pins, log }: Edges,
  options: BackupOptions,
): Promise<NodeError | null> {
  if (importing === undefined || !gateways.areAny) return null
  const { inTime } = options
  let pinned = 0
  const edges = {
    ...pins,
    // What is here already finds room, also where that was the last that may come.
    intake: new Intake(null),
    onPinned: ({ index, cid }: MissingPin) => {
      outcomes.set(index, 'pinned')
      ledger.forget('backup', [cid.key], 'done')
      log.debug(() => `${cid.text}: pinned by way of a gateway`)
      pinned++
    },
    // It is counted as failed already.
    onFailed: () => undefined,
  }
  try {
    return await inBatches()
  } finally {
    if (pinned > 0) log.info(`${count(pinned, 'CID')} that no peer gave came from gateways, and are pinned`)
  }

  async function inBatches(): Promise<NodeError | null> {
    let batch: MissingPin[] = []
    for (let place = 0; place < due.length && mayGoOn(); place++) {
      const pin = due.at(place)
      if (pin !== undefined && isLeft(pin)) batch.push(pin)
      if (batch.length < ofBatch && place < due.length - 1) continue
      const fetched = await fetchAll(batch)
      const nodeError = await pinAll(fetched, edges, { ...options, attempts: 1 })
      if (nodeError !== null) return nodeError
      batch = []
    }
    return null
  }

  function mayGoOn(): boolean {
    return !inTime.aborted && gateways.areAny
  }

  /** Whether it failed as no peer gave its blocks. */
  function isLeft({ index, cid }: MissingPin): boolean {
    if (outcomes.get(index) !== 'failed') return false
    const failure = ledger.entry('backup', cid.key)
    return failure?.class === 'no-block' || failure?.class === 'stalled'
  }

  async function fetchOne(pin: MissingPin): Promise<MissingPin[]> {
    try {
      const reason = await gateways.fetch(pin, importing as ImportingNode, inTime)
      return reason === undefined ? [pin] : []
    } catch (error) {
      if (inTime.aborted) return []
      throw error
    }
  }

  async function fetchAll(wanted: readonly MissingPin[]): Promise<MissingPin[]> {
    const results = await allEnded(wanted.map(fetchOne))
    return results.flat()
  }
}
