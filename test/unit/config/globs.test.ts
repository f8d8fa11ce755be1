import { expect, test } from 'vitest'
import { readGlobs } from '../../../src/config/globs.ts'
import { Inputs } from '../../../src/config/inputs.ts'
import { Secrets } from '../../../src/secrets/secrets.ts'

function read(text: string) {
  const inputs = new Inputs({ 'INPUT_ONLY-NAMES': text }, new Secrets())
  return { globs: readGlobs(inputs), problems: inputs.problems }
}

test('globs are a line each', () => {
  expect(read('a *\n\n# b\n{c,d}/**')).toEqual({ globs: ['a *', '{c,d}/**'], problems: [] })
  expect(read(`${'a'.repeat(999)}*`).problems).toEqual([])
})

test('comments alone are bad input: nobody means all names by them', () => {
  expect(read('# photos/*\n').problems).toEqual([
    '`only-names` holds comments alone: expected globs, one a line, or nothing at all where pins of every name are meant.',
  ])
  expect(read('\n ')).toEqual({ globs: [], problems: [] })
})

test('what is no glob is bad input, all at once, each by its line and with what is wrong', () => {
  expect(read(`*.jpg\n+(*.jpg|*.png)\n${'*'.repeat(1001)}\n[a`).problems).toEqual([
    '`only-names` line 2 is no glob, "+(*.jpg|*.png)": it has `+(`, an extended pattern; where the character itself is meant, write `\\(`.',
    `\`only-names\` line 3 is no glob, "${'*'.repeat(80)}…": it has more than 1000 characters.`,
    '`only-names` line 4 is no glob, "[a": it has a `[` without its `]`; where the character itself is meant, write `\\[`.',
  ])
})
