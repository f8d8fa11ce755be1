import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { FailuresLast } from './test/failures-last.ts'

/** Random histories of a bucket, what a listing costs, tests that start processes of their own, and those that wait for long. */
const slow = [
  'test/unit/listing/**/*.test.ts',
  'test/unit/snapshot-file/{processes,save}.test.ts',
  'test/unit/update/{doubts,histories,looks}.test.ts',
  'test/unit/backup/{one-by-one/pin-all,in-bulk/{hand-over-all,many}}.test.ts',
  'test/unit/calm/calm.test.ts',
]

export default defineConfig({
  test: {
    reporters: ['default', new FailuresLast()],
    // Tests mostly wait for servers and daemons, so there is work for one more than there are cores. Each file may start
    // several daemons: some have to answer within seconds, and more of them at once would slow each other down.
    maxWorkers: Math.min(availableParallelism() + 1, 4),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{unit,sandbox}/**/*.test.ts'],
          exclude: slow,
          // A third of their time would go into loading the same modules again for each file.
          isolate: false,
          unstubEnvs: true,
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
          globalSetup: 'test/bundled-action.ts',
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
          globalSetup: ['test/bundled-action.ts', 'test/peers/setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // What a peer of a cluster did not hear, it is told again after up to 156 s.
          expect: { poll: { timeout: 180_000 } },
        },
      },
    ],
  },
})
