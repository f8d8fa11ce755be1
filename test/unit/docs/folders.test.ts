import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { project, read } from './pages.ts'

/** Folders of `src` with more than 12 files, and how many they have. */
function largeFolders(folder = 'src'): [string, number][] {
  const entries = readdirSync(join(project, folder), { withFileTypes: true })
  const { length } = entries.filter((entry) => entry.isFile())
  const own: [string, number][] =
    length > 12 && folder !== 'src' ? [[folder.slice('src/'.length), length]] : []
  const below = entries.filter((entry) => entry.isDirectory())
  return [...own, ...below.flatMap(({ name }) => largeFolders(join(folder, name)))]
}

const page = read('docs/architecture.md')

test('every folder with more than 12 files is named with their number, and why it is not divided', () => {
  const named = [...page.matchAll(/^- `([a-z/-]+)\/` \((\d+)\): /gm)].map(([, name = '', count]) => [
    name,
    Number(count),
  ])
  expect(Object.fromEntries(named)).toEqual(Object.fromEntries(largeFolders()))
})

test('every file of domain/ is under a subject, once', () => {
  const [, table = ''] = /^\| Subject \|.*\n([\s\S]*?)\n\n/m.exec(page) ?? []
  const named = [...table.matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => `${name}.ts`)
  const files = readdirSync(join(project, 'src/domain')).filter((name) => name.endsWith('.ts'))
  expect(named.toSorted()).toEqual(files.toSorted())
})
