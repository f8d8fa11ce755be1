import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { withTables } from '../../../scripts/input-tables.ts'

const read = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')
const empty =
  'A\n<!-- inputs:start -->\nold\n<!-- inputs:end -->\nB\n<!-- outputs:start --><!-- outputs:end -->\nC\n'

test('docs/inputs.md has the inputs and outputs of action.yml (if not: npm run format)', () => {
  expect(withTables(read('docs/inputs.md'), read('action.yml'))).toBe(read('docs/inputs.md'))
})

test('a table replaces what was between its marks, and nothing else', () => {
  const action = `
inputs:
  a: { description: "one |\\n  two", default: "x" }
  b: { description: must be, required: true }
  c: { description: may be }
outputs:
  d: { description: out }
`
  expect(withTables(empty, action)).toBe(`A
<!-- inputs:start -->
| Input | Default | Meaning |
| --- | --- | --- |
| \`a\` | \`x\` | one \\| two |
| \`b\` | **required** | must be |
| \`c\` |  | may be |
<!-- inputs:end -->
B
<!-- outputs:start -->
| Output | Meaning |
| --- | --- |
| \`d\` | out |
<!-- outputs:end -->
C
`)
})

test.each(['inputs:start', 'inputs:end', 'outputs:start', 'outputs:end'])('a missing %s is said', (mark) => {
  const page = empty.replace(`<!-- ${mark} -->`, '')
  expect(() => withTables(page, 'inputs: {}\noutputs: {}')).toThrow(`<!-- ${mark} -->`)
})
