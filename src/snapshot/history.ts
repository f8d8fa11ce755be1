import type { DatabaseSync } from 'node:sqlite'
import { type Conclusion, noStreaks, type PastRun, type Streaks, streaksAfter } from '../domain/history.ts'
import { transaction } from './transaction.ts'

/** So many runs are kept. */
const mostKept = 100

/** The runs before this one, as they are remembered. */
export interface Past {
  /** The last of them, oldest first. */
  readonly runs: readonly PastRun[]
  readonly streaks: Streaks
}

/** How the last runs ended. */
export class History {
  readonly #db: DatabaseSync
  readonly #run: number
  readonly #onChange: () => void

  /**
   * @param run the number of this one
   * @param onChange called where this run ended otherwise than the one before, or in an error
   */
  constructor(db: DatabaseSync, run: number, onChange: () => void) {
    this.#db = db
    this.#run = run
    this.#onChange = onChange
  }

  /** @param most so many runs at most */
  before(most: number): Past {
    const rows = this.#db
      .prepare('SELECT * FROM run WHERE id < ? ORDER BY id DESC LIMIT ?')
      .all(this.#run, most)
    const [last] = rows
    return { runs: rows.map(pastRunOf).reverse(), streaks: last === undefined ? noStreaks : streaksOf(last) }
  }

  /** Writes down how this run ended; it may be written again, where something more has come to light. */
  record(run: PastRun): void {
    const { runs, streaks } = this.before(1)
    const { inStepSince, failing } = streaksAfter(streaks, run)
    const { startedAt, conclusion, doubted, cids, onNode, missing, failed } = run
    transaction(this.#db, () => {
      this.#db
        .prepare('INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
        .run(
          this.#run,
          startedAt,
          conclusion,
          Number(doubted),
          cids,
          onNode,
          missing,
          failed,
          inStepSince,
          failing?.since ?? null,
          failing?.runs ?? 0,
        )
      this.#db
        .prepare('DELETE FROM run WHERE id <= (SELECT id FROM run ORDER BY id DESC LIMIT 1 OFFSET ?)')
        .run(mostKept)
      const last = runs.at(-1)
      const isAlike = conclusion === last?.conclusion && doubted === last.doubted
      if (conclusion === 'error' || !isAlike) this.#onChange()
    })
  }
}

type Row = Record<string, string | number | bigint | Uint8Array | null>

function pastRunOf(row: Row): PastRun {
  return {
    startedAt: row['started'] as number,
    conclusion: row['conclusion'] as Conclusion,
    doubted: row['doubted'] === 1,
    cids: row['cids'] as number | null,
    onNode: row['on_node'] as number | null,
    missing: row['missing'] as number | null,
    failed: row['failed'] as number | null,
  }
}

function streaksOf(row: Row): Streaks {
  const since = row['failing_since'] as number | null
  return {
    inStepSince: row['in_step_since'] as number | null,
    failing: since === null ? null : { since, runs: row['failing_runs'] as number },
  }
}
