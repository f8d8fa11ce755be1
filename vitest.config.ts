import { defineConfig } from 'vitest/config'
import { FailuresLast } from './test/failures-last.ts'

/** Random histories of a bucket, what a listing costs, and tests that start processes of their own. */
const slow = [
  'test/unit/listing/**/*.test.ts',
  'test/unit/snapshot-file/{processes,save}.test.ts',
  'test/unit/update/histories.test.ts',
  'test/unit/backup/in-bulk/many.test.ts',
  'test/unit/calm/calm.test.ts',
]

export default defineConfig({
  test: {
    reporters: ['default', new FailuresLast()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{unit,sandbox}/**/*.test.ts'],
          exclude: slow,
          // No test waits so long: a busy machine may.
          testTimeout: 300_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
      { test: { name: 'slow', include: slow, testTimeout: 120_000, hookTimeout: 120_000 } },
      {
        test: {
          name: 'scenarios',
          include: ['test/{faults,scenarios}/**/*.test.ts'],
          // Each test has servers of its own, and most of its time is waiting.
          sequence: { concurrent: true },
          maxConcurrency: 4,
          testTimeout: 300_000,
        },
      },
      { test: { name: 'demo', include: ['test/demo/**/*.test.ts'], testTimeout: 300_000 } },
      {
        test: {
          name: 'peers',
          include: ['test/{contract,e2e,kills,network}/**/*.test.ts'],
          globalSetup: 'test/peers/setup.ts',
          // Each file starts daemons of its own: one file at a time is enough for two cores.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
})
