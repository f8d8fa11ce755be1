import { inspect } from 'node:util'
import type { Direction } from '../config/types.ts'
import { NodeError, RequestError, ServiceError, SnapshotError } from '../errors.ts'
import { conclude } from './conclusion.ts'
import type { Conclusion, Report, RunError } from './report.ts'

/** A message may quote an answer of any size. */
const longestDefect = 4000

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** What the run came to so far: it gives a report at any time, also of a run that broke off. */
export class RunRecord {
  readonly errors: RunError[] = []
  readonly warnings: RunError[] = []
  /** What is not believed before a later run, or a person, confirms it; each is a warning too. */
  readonly doubts: RunError[] = []
  readonly found: Writable<Pick<Report, 'node' | 'buckets' | 'backup' | 'update' | 'delegates' | 'inspect'>> =
    {
      node: null,
      buckets: [],
      backup: null,
      update: null,
      delegates: {
        known: [],
        unknown: [],
        peered: [],
        saved: null,
        leftOut: { addresses: 0, peers: 0, notPublic: 0 },
      },
      inspect: [],
    }
  /** Distinct CIDs of all buckets together; `null` where no listing came to an end. */
  listed: number | null = null
  issueNumber: number | null = null
  restoredKey = ''
  direction: Direction = 'backup'
  dryRun = false
  /** CIDs were inspected, and nothing was synced. */
  isInspection = false
  cancelled = false
  /** The time limit cut off work. */
  outOfTime = false
  /** The ledger has CIDs that are not settled, be it that no listing shows them now. */
  stillFailing = false
  readonly #startedAt = new Date().toISOString()

  /** Notes what makes the run an `error`: a fault of the world outside, or else a defect. */
  fail(where: string, error: unknown): void {
    const isExpected =
      error instanceof NodeError ||
      error instanceof ServiceError ||
      error instanceof RequestError ||
      error instanceof SnapshotError
    if (isExpected) this.errors.push({ where, message: error.message })
    else this.defect(where, error)
  }

  /** Notes what nobody foresaw, and says where in the program it is. */
  defect(where: string, error: unknown): void {
    const what = (error instanceof Error && error.stack) || inspect(error, { depth: 0 })
    this.errors.push({
      where,
      message: `a defect of IPFS Pin Mirror ended the run: what was done is kept, and the next run goes on from it. Please report it where you have the action from, with these lines: ${what.slice(0, longestDefect)}`,
    })
  }

  warn(where: string, message: string): void {
    this.warnings.push({ where, message })
  }

  get conclusion(): Conclusion {
    const { backup, update } = this.found
    return conclude({
      error: this.errors.length > 0,
      cancelled: this.cancelled,
      outOfTime: this.outOfTime,
      failedPins: this.stillFailing || [backup, update].some((one) => one !== null && one.failed.length > 0),
    })
  }

  report(): Report {
    const { direction, dryRun, errors, warnings, conclusion, found } = this
    return {
      version: 1,
      direction,
      dryRun,
      startedAt: this.#startedAt,
      finishedAt: new Date().toISOString(),
      conclusion,
      errors,
      warnings,
      ...found,
    }
  }
}
