import { Stryker } from '@stryker-mutator/core'

/*
 * Changes the source one word at a time, and tells which changes no test notices: see `mutation.md`. Named files or
 * folders are changed alone.
 */

const subjects = [
  { name: 'domain', tests: ['test/unit/domain/**/*.test.ts'], excludedMutations: [] },
  {
    name: 'listing',
    // What lists many buckets, or large ones, takes longer, for each change anew: the others test each part by itself.
    tests: [
      'test/unit/listing/**/!(audit|cost|histories|large-answers|listing|manners|odd-services|unlikely-answers).test.ts',
    ],
    // An empty text is refused by the compiler where it is a status or a mode; what is left are words for people.
    excludedMutations: ['StringLiteral'],
  },
]

const named = process.argv.slice(2)

for (const { name, tests, excludedMutations } of subjects) {
  const folder = `src/${name}/`
  const chosen = named.filter((path) => `${path}/`.startsWith(folder))
  if (named.length > 0 && chosen.length === 0) continue
  const mutate = chosen.map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.ts`))
  await new Stryker({
    mutate: mutate.length > 0 ? mutate : [`${folder}**/*.ts`],
    testFiles: tests,
    mutator: { plugins: null, excludedMutations },
    incrementalFile: `.stryker/${name}.json`,
    // Of a part, the share tells nothing.
    thresholds: { high: 95, low: 85, break: named.length > 0 ? null : 85 },
    jsonReporter: { fileName: `.stryker/${name}-report.json` },
  }).runMutationTest()
}
