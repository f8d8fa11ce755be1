import type { Config } from '../config/types.ts'
import type { PinRequest } from '../domain/pin.ts'
import type { UpdatePlan, Wanted } from '../domain/plan-update.ts'
import { schedule } from '../domain/schedule.ts'
import type { Log } from '../log.ts'
import { Progress } from '../report/progress.ts'
import type { UpdateReport } from '../report/report.ts'
import type { Ledger } from '../snapshot/ledger.ts'
import type { RequestState } from '../snapshot/requests.ts'
import type { DelegateConnector } from './delegates.ts'
import { dueUntil, entryOf, failedEntriesOf } from './ledger-entries.ts'
import { type Accepted, sendAll } from './send.ts'
import { settle } from './settlement.ts'
import type { SettlingBuckets } from './settling-buckets.ts'

export interface UpdateOutcome {
  readonly report: UpdateReport
  readonly accepted: readonly Accepted[]
  /** The fault of the whole service that ended it. */
  readonly serviceError: unknown
}

export interface UpdateInput {
  readonly plan: UpdatePlan
  /** Whether every bucket is proved complete: else nothing is sent, as some of it may be there already. */
  readonly isComplete: boolean
  readonly buckets: SettlingBuckets
  readonly origins: readonly string[]
  readonly ledger: Ledger
  readonly delegates: DelegateConnector
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
  /** Aborted when it is to end. */
  readonly inTime: AbortSignal
  readonly log: Log
}

type UpdateConfig = Pick<Config, 'failedRequests' | 'github' | 'requestsPerSecond' | 'settleTimeout'>

/** The log names so many; the summary and the report have more. */
const mostFailuresTold = 50

/** Asks the service for what it lacks, waits until that is settled, and keeps the ledger as it goes. */
export async function sendMissing(config: UpdateConfig, input: UpdateInput): Promise<UpdateOutcome> {
  const { plan, ledger, buckets, delegates, signal, inTime, log } = input
  const before = ledger.get('update')
  const { due, resting, held } = sort(config, input)
  const tried: Wanted[] = []
  const pinned: Wanted[] = []
  let failuresTold = 0

  const fail = (wanted: Wanted, reason: string, requestCreated?: number) => {
    tried.push(wanted)
    ledger.record(
      'update',
      { ...wanted, reason, ...(requestCreated !== undefined && { requestCreated }) },
      Date.now(),
    )
    if (++failuresTold <= mostFailuresTold) log.info(`Failed: ${wanted.cid.text}: ${reason}`)
  }
  const onAccepted = (wanted: Wanted, request: PinRequest) => {
    delegates.connectFor(request.delegates)
    const { failed } = wanted
    // Written down now that it is asked for again: should that fail too, its pause grows.
    if (failed !== null)
      ledger.record(
        'update',
        { ...wanted, reason: reasonOf(failed), requestCreated: failed.created },
        Date.now(),
      )
  }
  const onSettled = ({ wanted }: Accepted, state: RequestState) => {
    if (state.status === 'failed') return fail(wanted, reasonOf(state), state.created)
    pinned.push(wanted)
    if (wanted.failed !== null || before.has(wanted.cid.key)) ledger.forget('update', [wanted.cid.key])
  }

  const sent = await log.group(`Asking the service for ${due.length} missing CIDs`, async () => {
    using progress = new Progress({ what: 'CIDs asked for', total: due.length, log: log.info, now: Date.now })
    const edges = {
      clientOf: (bucket: string) => buckets.clientOf(bucket),
      origins: input.origins,
      onAccepted: (wanted: Wanted, request: PinRequest) => {
        onAccepted(wanted, request)
        progress.add()
      },
      onRefused: (wanted: Wanted, reason: string) => {
        fail(wanted, reason)
        progress.add()
      },
    }
    return await sendAll(due, edges, { inFlight: config.requestsPerSecond, signal, inTime })
  })
  const settled = await log.group(`Waiting for ${sent.accepted.length} requests to settle`, async () => {
    const total = sent.accepted.length
    using progress = new Progress({ what: 'requests settled', total, log: log.info, now: Date.now })
    const edges = {
      buckets,
      onSettled: (accepted: Accepted, state: RequestState) => {
        onSettled(accepted, state)
        progress.add()
      },
    }
    return await settle(sent.accepted, edges, { settleTimeout: config.settleTimeout, signal: inTime })
  })

  const failures = ledger.get('update')
  return {
    report: {
      missing: plan.missing.length,
      ignored: plan.ignored,
      pinned: pinned.map(entryOf),
      failed: failedEntriesOf(
        failures,
        [...resting, ...tried].map(({ cid }) => cid),
      ),
      pending: [...settled.pending.map(({ wanted }) => wanted), ...sent.unsure].map(entryOf),
      unsent: [...held, ...sent.unsent].map(entryOf),
    },
    accepted: sent.accepted,
    serviceError: sent.serviceError ?? settled.error,
  }
}

/** What an update would do: the same counts, with nothing sent. */
export function unsentUpdate(
  config: UpdateConfig,
  input: Pick<UpdateInput, 'plan' | 'ledger' | 'isComplete'>,
): UpdateReport {
  const { due, resting, held } = sort(config, input)
  return {
    missing: input.plan.missing.length,
    ignored: input.plan.ignored,
    pinned: [],
    failed: failedEntriesOf(
      input.ledger.get('update'),
      resting.map(({ cid }) => cid),
    ),
    pending: [],
    unsent: [...held, ...due].map(entryOf),
  }
}

/** An update that did not come to it, as it is not known what the node has. */
export const unknownUpdate: UpdateReport = {
  missing: 0,
  ignored: 0,
  pinned: [],
  failed: [],
  pending: [],
  unsent: [],
}

/** What to send now, what failed and is to rest, and what is not to be sent in this run. */
function sort(
  config: UpdateConfig,
  { plan, ledger, isComplete }: Pick<UpdateInput, 'plan' | 'ledger' | 'isComplete'>,
): { due: readonly Wanted[]; resting: readonly Wanted[]; held: readonly Wanted[] } {
  const { due, resting } = schedule(plan.missing, ledger.get('update'), dueUntil(config))
  const isHeld = ({ isInDoubt, failed }: Wanted) =>
    !isComplete || isInDoubt || (failed !== null && config.failedRequests === 'report')
  return { due: due.filter((wanted) => !isHeld(wanted)), resting, held: due.filter(isHeld) }
}

function reasonOf({ failureReason }: Pick<RequestState, 'failureReason'>): string {
  return failureReason ?? 'the service did not say why'
}
