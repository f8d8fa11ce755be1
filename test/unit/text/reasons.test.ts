import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { classes, type ReasonClass } from '../../../src/domain/reasons/classes.ts'
import { reasonWords } from '../../../src/text/reasons.ts'

const docs = readFileSync(new URL('../../../docs/report.md', import.meta.url), 'utf8')

test.each(classes)('%s has words of its own, and a line in the documentation', (known) => {
  const other: ReasonClass = 'other-x-123456'
  expect(reasonWords(known)).not.toEqual(reasonWords(other))
  expect(docs).toMatch(new RegExp(`^\\| .*\`${known}\`.* \\|$`, 'm'))
})
