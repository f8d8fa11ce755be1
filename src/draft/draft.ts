import type { Direction } from '../config/types.ts'
import type { Comparison } from '../domain/compare.ts'
import type { PastRun } from '../domain/history.ts'
import type { Problem } from '../domain/problem.ts'
import { conclusionOf } from '../report/conclusion.ts'
import type { Conclusion, LeftBy, Report, RunError } from '../report/report.ts'
import type { Past } from '../snapshot/history.ts'
import { figuresOf, historyReport, noPast } from './history-report.ts'
import { standingReport, withStandings } from './standing-report.ts'

type Sections = Pick<
  Report,
  | 'node'
  | 'buckets'
  | 'account'
  | 'backup'
  | 'storage'
  | 'update'
  | 'verify'
  | 'manifest'
  | 'delegates'
  | 'inspect'
>

/** What a run comes to besides its problems. */
export interface Filling extends Sections {
  readonly direction: Direction
  readonly dryRun: boolean
  /** Its name. */
  readonly service: string
  /** Distinct CIDs of all buckets together; `null` where no listing came to an end. */
  readonly listed: number | null
  /** How both sides stood before this run did anything; `null` where one was not listed. */
  readonly standing: Pick<Comparison, 'totals' | 'lackingOnNode' | 'buckets'> | null
  /** What it changed of that: see `BackupDone` and `UpdateDone`. */
  readonly pinnedIn: readonly number[]
  readonly sentIn: { readonly missing: readonly number[]; readonly pinned: readonly number[] } | null
  /** What held pins back, besides time. */
  readonly heldBackBy: readonly LeftBy[]
  /** The runs before this one. */
  readonly past: Past
  /** What is not believed before a later run, or a person, confirms it. */
  readonly doubts: readonly Problem[]
  /** Whether both sides were seen as they are: else what was not seen may still be there. `null` until they were. */
  readonly isWhole: boolean | null
  readonly issueNumber: number | null
  readonly restoredKey: string
  /** CIDs were inspected, and nothing was synced. */
  readonly isInspection: boolean
  /** Another run of this mirror is at work on the box, and holds the snapshot. */
  readonly isBusy: boolean
  /** By a person, or by the runner. */
  readonly cancelled: boolean
  /** Its work was cut off, by a cancel or by what nobody caught. */
  readonly cutOff: boolean
  /** The time limit cut off work. */
  readonly outOfTime: boolean
  /** The ledger has CIDs that are not settled, be it that no listing shows them now. */
  readonly stillFailing: boolean
}

/** What every phase tells of how it went. */
interface Outcome {
  readonly problems: readonly Problem[]
  /** Its time was over before its work was. */
  readonly isCutShort?: boolean
}

/** A message may quote an answer of any size. */
const longestMessage = 4500

const nothing: Filling = {
  direction: 'backup',
  dryRun: false,
  service: 'the service',
  node: null,
  buckets: [],
  account: null,
  backup: null,
  storage: null,
  update: null,
  verify: null,
  manifest: null,
  delegates: {
    known: [],
    unknown: [],
    peered: [],
    saved: null,
    leftOut: { addresses: 0, peers: 0, notPublic: 0 },
  },
  inspect: [],
  listed: null,
  standing: null,
  pinnedIn: [],
  sentIn: null,
  heldBackBy: [],
  past: noPast,
  doubts: [],
  isWhole: null,
  issueNumber: null,
  restoredKey: '',
  isInspection: false,
  isBusy: false,
  cancelled: false,
  cutOff: false,
  outOfTime: false,
  stillFailing: false,
}

/** The report while the run lasts: it gives one at any time, also of a run that broke off. */
export class Draft {
  readonly #errors: RunError[] = []
  readonly #warnings: RunError[] = []
  readonly #startedAt = Date.now()
  readonly #redact: (text: string) => string
  #filling = nothing

  /** @param redact takes secrets out of what problems say, before anything is cut short */
  constructor(redact: (text: string) => string = (text) => text) {
    this.#redact = redact
  }

  /** What the run has come to so far. */
  get filling(): Filling {
    return this.#filling
  }

  get errors(): readonly RunError[] {
    return this.#errors
  }

  get warnings(): readonly RunError[] {
    return this.#warnings
  }

  fill(part: Partial<Filling>): void {
    this.#filling = { ...this.#filling, ...part }
  }

  /** Takes in what a phase came to: the parts of the report that it fills, and its problems. */
  take({ problems, isCutShort = false }: Outcome, part: Partial<Filling> = {}): void {
    this.note(...problems)
    this.fill({ ...part, outOfTime: this.#filling.outOfTime || isCutShort })
  }

  note(...problems: readonly Problem[]): void {
    for (const { where, message, short, todo, isError } of problems)
      (isError ? this.#errors : this.#warnings).push({
        where: this.#shown(where),
        message: this.#shown(message),
        ...(short !== undefined && { short: this.#shown(short) }),
        ...(todo !== undefined && { todo: this.#shown(todo) }),
      })
  }

  /** Whether there is no time for long lists. */
  get isHurried(): boolean {
    return this.#filling.cancelled || this.#filling.cutOff
  }

  get conclusion(): Conclusion {
    const { backup, update, dryRun, cancelled, outOfTime, heldBackBy, stillFailing } = this.#filling
    const haveFailed = stillFailing || [backup, update].some((one) => one !== null && one.failed.length > 0)
    return conclusionOf({
      error: this.#errors.length > 0,
      cancelled,
      outOfTime: outOfTime || heldBackBy.includes('max-bytes'),
      // A dry run tries nothing.
      failedPins: haveFailed && !dryRun,
    })
  }

  /** What is remembered of this run; `null` for one that does not mirror anything. */
  get run(): PastRun | null {
    const { dryRun, isInspection, doubts } = this.#filling
    if (dryRun || isInspection) return null
    const how = { conclusion: this.conclusion, doubted: doubts.length > 0 }
    return { startedAt: this.#startedAt, ...how, ...figuresOf(this.#filling) }
  }

  report(): Report {
    const filling = this.#filling
    return {
      version: 1,
      direction: filling.direction,
      dryRun: filling.dryRun,
      service: filling.service,
      startedAt: new Date(this.#startedAt).toISOString(),
      finishedAt: new Date().toISOString(),
      conclusion: this.conclusion,
      errors: this.#errors,
      warnings: this.#warnings,
      node: filling.node,
      buckets: withStandings(filling.buckets, filling),
      standing: standingReport(filling),
      account: filling.account,
      backup: filling.backup,
      storage: filling.storage,
      update: filling.update,
      verify: filling.verify,
      manifest: filling.manifest,
      leftBy: this.#leftBy,
      delegates: filling.delegates,
      inspect: filling.inspect,
      ...historyReport(filling.past, this.run),
    }
  }

  get #leftBy(): readonly LeftBy[] {
    const { outOfTime, heldBackBy } = this.#filling
    return [...(outOfTime && !this.isHurried ? (['time-limit'] as const) : []), ...heldBackBy]
  }

  #shown(text: string): string {
    return this.#redact(text).slice(0, longestMessage)
  }
}
