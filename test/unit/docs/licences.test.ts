import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { project } from './pages.ts'

const { dependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
}

/** The packages of which a folder of `dist` says the terms: each has its name on a line, and its licence's on the next. */
function licensed(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('licenses.txt'))
  return files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
}

test('the licences of all that is bundled are beside it', () => {
  expect(licensed(join(project, 'dist/main'))).toEqual(expect.arrayContaining(Object.keys(dependencies)))
  expect(licensed(join(project, 'dist/post'))).toEqual(expect.arrayContaining(['@actions/cache', 'undici']))
})
