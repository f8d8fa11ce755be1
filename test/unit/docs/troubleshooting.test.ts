import { expect, test } from 'vitest'
import { files, prose, read } from './pages.ts'

const source = files('.ts')
  .filter((path) => path.startsWith('src/'))
  .map(read)
  .join('\n')
/** The messages of the first column, without what differs from run to run. */
const messages = prose('docs/troubleshooting.md')
  .split('\n')
  .flatMap((line) => /^\| (.+?) \|/.exec(line)?.[1] ?? [])
  .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text))
  .flatMap((text) => text.replace(/^bucket photos: /, '').split('…'))
  .map((part) => part.trim())
  .filter((part) => part.includes(' '))

test('every message that Troubleshooting explains is one that the action says', () => {
  expect(messages.length).toBeGreaterThan(10)
  expect(messages.filter((message) => !source.includes(message))).toEqual([])
})
