import { expect, test } from 'vitest'
import { checkNew, notesOf } from '../../../scripts/release.ts'

const changelog = `# Changes

All of them.

## Unreleased

- Not yet.

## 1.10.0, 24 Dec 2026

- New: a thing.

### More

- Another.

## 1.1.0, 1 Dec 2026

- The first.
`

test('the notes of a version are what stands under its heading, and nothing of another', () => {
  expect(notesOf('1.10.0', changelog)).toBe('- New: a thing.\n\n### More\n\n- Another.')
  expect(notesOf('1.1.0', changelog)).toBe('- The first.')
})

test.each(['1.0.0', '1.1', '2.0.0'])('a version without notes is not released: %s', (version) => {
  expect(() => notesOf(version, changelog)).toThrow()
})

test.each(['0.1.0', '1.2.3-rc.1', 'v1.2.3', ''])('%s is no version of a release', (version) => {
  expect(() => notesOf(version, `## ${version}, today\n\n- Something.\n`)).toThrow('package.json')
})

test('a version is published once', () => {
  expect(() => checkNew('1.1.0', ['v1', 'v1.1.0'])).toThrow('never moves')
  checkNew('1.1.0', ['v1', 'v1.1', 'v1.10.0', ''])
})
