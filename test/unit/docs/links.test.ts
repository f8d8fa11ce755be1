import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { anchors, files, links, project, read } from './pages.ts'

const pages = files('.md')
/** What the repository's own pages at GitHub are called: `../../actions` leads there from a page at the root. */
const atGitHub = /^\.\.\/\.\.\/(actions|issues|releases|security)(\/|$)/

test.each(pages)('every link of %s leads somewhere', (page) => {
  const broken = links(page).filter(({ path, anchor }) => {
    if (atGitHub.test(path)) return false
    if (path.startsWith('..') || !existsSync(join(project, path))) return true
    return anchor !== '' && !anchors(path).has(anchor)
  })
  expect(broken.map(({ target }) => target)).toEqual([])
})

/** For those who change the project, not for those who use it. */
const forChangers = new Set(['docs/architecture.md', 'docs/sending.md', 'docs/services-manners.md'])

test('every page for users is found from the README in one click', () => {
  const found = new Set(links('README.md').map(({ path }) => path))
  const forUsers = pages.filter((page) => page.startsWith('docs/') && !forChangers.has(page))
  expect(forUsers.filter((page) => !found.has(page))).toEqual([])
})

test('the README stays short, and comes to the workflow at once', () => {
  expect(Buffer.byteLength(read('README.md'))).toBeLessThan(10_000)
  const [before = ''] = read('README.md').split('```yaml')
  expect(before.split(/\s+/).length).toBeLessThan(115)
})
