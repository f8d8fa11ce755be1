import type { DelegateConnector } from '../delegates/connector.ts'
import type { PinRequest } from '../domain/pin.ts'
import type { Wanted } from '../domain/plan-update.ts'
import type { RunTime } from '../run-time.ts'
import type { RequestState } from '../snapshot/bucket/requests.ts'
import type { Doubts } from '../snapshot/doubts.ts'
import type { Ledger } from '../snapshot/ledger.ts'
import type { Log } from '../text/log.ts'
import type { Found } from './look-for-doubts.ts'
import type { Doubtful, SendResult } from './send.ts'
import type { Settlement } from './settlement.ts'
import type { SettlingBuckets } from './settling-buckets.ts'

/** The log names so many; the summary and the report have more. */
const mostFailuresTold = 50

export interface OutcomeInput {
  readonly buckets: SettlingBuckets
  readonly ledger: Ledger
  readonly doubts: Doubts
  readonly delegates: DelegateConnector
  readonly time: RunTime
  readonly log: Log
}

/** What becomes of each CID: kept in the ledger, in what is in doubt, and for the report. */
export class Outcome {
  readonly pinned: Wanted[] = []
  /** Refused, or failed at the service. */
  readonly tried: Wanted[] = []
  readonly #input: OutcomeInput
  readonly #before: ReadonlyMap<Wanted['cid']['key'], unknown>
  /** It is known what became of them: what was noted of them is struck out at the end. */
  readonly #settled: Wanted[] = []
  #failuresTold = 0

  constructor(input: OutcomeInput) {
    this.#input = input
    this.#before = input.ledger.get('update')
  }

  accept(wanted: Wanted, request: PinRequest): void {
    // It fetches through these: best effort, and nothing waits for it.
    void this.#input.delegates.peerFor(request.delegates, this.#input.time.inTime)
    this.#askedAgain(wanted)
  }

  /** No listing shows it, so that it stays in doubt: the next run looks for it again, whatever it is now. */
  find({ wanted, request }: Found): void {
    this.accept(wanted, request)
    if (request.status === 'pinned') this.#pin(wanted)
  }

  seeAgain(wanted: Wanted, request: PinRequest): void {
    if (request.status === 'pinned') this.#pin(wanted)
    else if (request.status === 'failed') this.settle(wanted, { ...request, key: wanted.cid.key })
  }

  doubt(wanted: Wanted): void {
    this.#askedAgain(wanted)
  }

  refuse(wanted: Wanted, reason: string): void {
    this.#fail(wanted, reason)
  }

  settle(wanted: Wanted, state: RequestState): void {
    this.#settled.push(wanted)
    if (state.status === 'failed') this.#fail(wanted, reasonOf(state), state.created)
    else this.#pin(wanted)
  }

  #pin(wanted: Wanted): void {
    const { key } = wanted.cid
    this.pinned.push(wanted)
    if (wanted.failed !== null || this.#before.has(key)) this.#input.ledger.forget('update', [key])
  }

  /** Blames for their silence those at which the service breaks time and again, while it takes others. */
  conclude(sent: SendResult, settled: Settlement): void {
    const { doubts } = this.#input
    const noteOf = ({ cid, bucket }: Wanted) => ({ bucket: this.#input.buckets.idOf(bucket), key: cid.key })
    const open = sent.doubtful.filter(({ wanted }) => !settled.shown.has(wanted.cid.key))
    // Where nobody was taken, the silence need not be theirs.
    if (sent.serviceError !== null || sent.accepted.length === 0)
      doubts.forgive(open.map(({ wanted }) => noteOf(wanted)))
    else this.#blameSilent(open)
    if (this.#settled.length > 0) doubts.settle(this.#settled.map(noteOf))
  }

  #blameSilent(open: readonly Doubtful[]): void {
    if (open.length === 0) return
    const tries = new Map(this.#input.doubts.sent().map((note) => [note.key, note.tries]))
    for (const { wanted, reason } of open) {
      const sent = tries.get(wanted.cid.key) ?? 1
      if (reason !== null && sent > 1) this.#fail(wanted, `it was sent ${sent} times in vain: ${reason}`)
    }
  }

  /** Written down now that it is asked for again: should that fail too, its pause grows. */
  #askedAgain(wanted: Wanted): void {
    const { failed } = wanted
    if (failed === null) return
    const failure = { ...wanted, reason: reasonOf(failed), requestCreated: failed.created }
    this.#input.ledger.record('update', failure, Date.now())
  }

  #fail(wanted: Wanted, reason: string, requestCreated?: number): void {
    const { ledger, log } = this.#input
    this.tried.push(wanted)
    ledger.record(
      'update',
      { ...wanted, reason, ...(requestCreated !== undefined && { requestCreated }) },
      Date.now(),
    )
    if (++this.#failuresTold <= mostFailuresTold) log.info(`Failed: ${wanted.cid.text}: ${reason}`)
  }
}

function reasonOf({ failureReason }: Pick<RequestState, 'failureReason'>): string {
  return failureReason ?? 'the service did not say why'
}
