import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { project } from './pages.ts'

const { dependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
}

test('the licences of all that is bundled are beside it', () => {
  const lines = readFileSync(join(project, 'dist/licenses.txt'), 'utf8').split('\n')
  const packages = lines.flatMap((line) => /^(\S+) \d+\.\d+\.\d+\S*$/.exec(line)?.[1] ?? [])
  expect(packages).toEqual(expect.arrayContaining(Object.keys(dependencies)))
  const bundled = readFileSync(join(project, 'dist/shared/packages.js'), 'utf8')
  const found = [...bundled.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)].map(
    ([, name = '']) => name,
  )
  expect(found.length).toBeGreaterThan(100)
  expect(packages).toEqual(expect.arrayContaining([...new Set(found)]))
})
