import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { tokens } from './scene.ts'

const execute = promisify(execFile)
const demo = fileURLToPath(new URL('demo.ts', import.meta.url))

test('shows a first run, its summary and issue, and a second run that asks little', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-test-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const env = { ...process.env, TMPDIR: folder }

  // Rejects where the exit code is not 0.
  const { stdout, stderr } = await execute(process.execPath, [demo], { env, maxBuffer: 16 * 1024 * 1024 })

  expect(stderr).toBe('')
  for (const secret of [...Object.values(tokens), 'ghs_tokenOfTheDemoRun'])
    expect(stdout).not.toContain(secret)
  expect(stdout).toMatch(/\d+ of 554 CIDs pinned \(\d+%\)/)
  const ends = [...stdout.matchAll(/Conclusion: (\S+)\. Missing: (\d+), pinned: (\d+), failed: (\d+)\./g)]
  expect(ends.map(([, ...end]) => end)).toEqual([
    ['failed-pins', '554', '550', '4'],
    ['failed-pins', '9', '6', '3'],
  ])
  const [first = 0, second = 0] = [...stdout.matchAll(/Requests to the service.*: (\d+)/g)].map(([, n]) =>
    Number(n),
  )
  expect(first).toBeLessThan(40)
  expect(second).toBeGreaterThan(0)
  expect(second).toBeLessThan(20)
  expect(stdout).toContain('Not pinned on the node: 4 CIDs')
  expect(stdout).toContain('New delegates: 1')
  const needs = stdout.split('What needs you')[1]?.split('What the mirror does')[0] ?? ''
  const numbers = [...needs.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number))
  expect(numbers.length).toBeGreaterThan(1)
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  expect(stdout).toMatch(/documents +1,100 of 1,103/)
  expect(stdout).toContain('github-actions[bot] commented on #1 (open)')
  // It leaves nothing behind.
  expect(await readdir(folder)).toEqual([])
})
