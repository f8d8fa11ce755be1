import { defineConfig } from 'vitest/config'

/** What changed code runs against: of these files, those that `mutation.ts` names. */
export default defineConfig({
  test: { include: ['test/unit/{domain,listing}/**/*.test.ts'], testTimeout: 60_000, isolate: false },
})
