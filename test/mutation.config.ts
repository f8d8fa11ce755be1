import { defineConfig } from 'vitest/config'

/** What mutants of `src/domain` run against: see `stryker.config.json`. */
export default defineConfig({
  test: { include: ['test/unit/domain/**/*.test.ts'], testTimeout: 60_000, isolate: false },
})
