// Regular expressions only: all else is Biome's. ESLint's plugin finds those that take more than linear time.
import { stripTypeScriptTypes } from 'node:module'
import regexp from 'eslint-plugin-regexp'

/** Types become spaces, so every place stays where it was, and ESLint's own parser can read the rest. */
const withoutTypes = {
  preprocess: (text) => [stripTypeScriptTypes(text)],
  postprocess: (messages) => messages.flat(),
}

export default [
  {
    files: ['src/**/*.ts'],
    languageOptions: { ecmaVersion: 'latest', sourceType: 'module' },
    plugins: { regexp },
    processor: withoutTypes,
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignorePartial: false }],
      'regexp/no-dupe-disjunctions': ['error', { reportExponentialBacktracking: 'potential' }],
      'no-restricted-syntax': [
        'error',
        {
          selector: ':matches(NewExpression, CallExpression)[callee.name=RegExp]',
          message: 'Only literals can be checked.',
        },
      ],
    },
  },
]
