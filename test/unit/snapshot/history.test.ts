import { join } from 'node:path'
import { expect, test } from 'vitest'
import { noStreaks, type PastRun } from '../../../src/domain/history.ts'
import type { Past } from '../../../src/snapshot/history.ts'
import { openSnapshot } from '../snapshot-file/open-under-test.ts'
import { Workspace } from '../snapshot-file/workspace.ts'

const figures = { cids: 12, onNode: 9, missing: 4, failed: 3 }
const unknown = { cids: null, onNode: null, missing: null, failed: null }

/** A run that sees what was before it, is remembered, and says whether that was worth a copy in the cache. */
function live(workspace: Workspace, ...runs: readonly PastRun[]): { past: Past; isChange: boolean } {
  const path = join(workspace.path, 'snapshot.sqlite')
  using snapshot = openSnapshot(path, 'mirror', (warning) => expect.fail(warning))
  const past = snapshot.history.before(10)
  for (const run of runs) snapshot.history.record(run)
  return { past, isChange: snapshot.facts.get('changedInRun') === snapshot.run }
}

test('what is remembered of a run is read back by the next, oldest first', () => {
  using workspace = new Workspace()
  const runs: readonly PastRun[] = [
    { startedAt: 1e12, conclusion: 'ok', doubted: true, ...figures },
    { startedAt: 2e12, conclusion: 'failed-pins', doubted: false, ...figures, failed: 0 },
    { startedAt: 3e12, conclusion: 'error', doubted: false, ...unknown },
  ]
  expect(live(workspace).past).toEqual({ runs: [], streaks: noStreaks })
  for (const run of runs) live(workspace, run)
  expect(live(workspace).past).toEqual({
    runs,
    streaks: { inStepSince: null, failing: { since: 3e12, runs: 1 } },
  })
})

test('a run is remembered once, as it was told last', () => {
  using workspace = new Workspace()
  const run: PastRun = { startedAt: 2e12, conclusion: 'error', doubted: false, ...figures }
  live(workspace, { ...run, startedAt: 1e12 })
  live(workspace, { ...run, conclusion: 'ok' }, run, run)
  expect(live(workspace).past).toMatchObject({
    runs: [{ startedAt: 1e12 }, run],
    streaks: { failing: { since: 1e12, runs: 2 } },
  })
})

test('100 are kept, and how long they fail is known of more', () => {
  using workspace = new Workspace()
  for (let n = 1; n <= 105; n++)
    live(workspace, { startedAt: n, conclusion: 'error', doubted: false, ...unknown })
  using snapshot = openSnapshot(join(workspace.path, 'snapshot.sqlite'), 'mirror', () => undefined)
  const { runs, streaks } = snapshot.history.before(1000)
  expect(runs.map(({ startedAt }) => startedAt)).toEqual(Array.from({ length: 100 }, (_, n) => n + 6))
  expect(streaks).toEqual({ inStepSince: null, failing: { since: 1, runs: 105 } })
})

test('it is worth a copy in the cache where the end is another, or an error: the quiet runs of a day are not', () => {
  using workspace = new Workspace()
  const changes = (['ok', 'ok', 'failed-pins', 'failed-pins', 'error', 'error', 'ok'] as const).map(
    (conclusion, n) => live(workspace, { startedAt: n, conclusion, doubted: false, ...figures }).isChange,
  )
  expect(changes).toEqual([true, false, true, false, true, true, true])
})
