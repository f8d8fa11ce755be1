import { ESLint } from 'eslint'
import { expect, test } from 'vitest'

const eslint = new ESLint()

async function rulesBrokenBy(expression: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(`const found: RegExp = ${expression}\n`, { filePath: 'src/any.ts' })
  return result?.messages.map(({ ruleId }) => ruleId) ?? []
}

test.each([
  ['nested quantifiers', String.raw`/^(\w+\s?)*$/`],
  ['adjacent quantifiers', '/^a+b?a+$/'],
  ['quantifiers that exchange characters', '/^(.*),(.*)$/'],
  ['a run that is tried from each of its characters', String.raw`/\s+$/`],
  ['ways that mean the same', '/^(a|a)*$/'],
  ['ways of which one holds the other', String.raw`/^(?:\w|\d)*$/`],
  ['sets of sets', '/[[a-z]--[b]]+$/v'],
  ['text', "new RegExp('(x+x+)+y')"],
  ['text that is not known here', 'RegExp(text)'],
])('the check refuses %s: %s', async (_, expression) => {
  expect(await rulesBrokenBy(expression)).not.toEqual([])
})

test.each([String.raw`/^\d+$/`, String.raw`/(?<!\/)\/+$/`, String.raw`/^([a-z][\w-]*)(:|\s+)/i`])(
  'the check takes %s',
  async (expression) => {
    expect(await rulesBrokenBy(expression)).toEqual([])
  },
)
