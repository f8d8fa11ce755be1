import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { Mirror, until } from './mirror.ts'

test('a report that cannot be written is an error that log, summary, outputs and monitor tell', async () => {
  await using mirror = await Mirror.start()
  const dead = new Cids(1).next()
  mirror.service.bucket('photos').add({ cid: dead })
  mirror.node.setContent(dead, nowhere)
  const inputs = { 'heartbeat-url': mirror.heartbeat.url }
  const ran = await mirror.run({ inputs, env: { RUNNER_TEMP: '/dev/null' } })
  expect(ran.exitCode).toBe(1)
  expect(ran.log).toMatch(/^::error::report: it cannot be written \(ENOTDIR.*check that the disk has room/m)
  expect(ran.log).toContain('::error::The report cannot be written')
  expect(ran.summary).toContain('## ❌ The report cannot be written')
  expect(ran.summary).toContain(dead)
  expect(ran.outputs['conclusion']).toBe('error')
  expect(ran.asked.heartbeat.map(({ path }) => path.endsWith('/fail'))).toEqual([true])
})

test('outputs that cannot be written keep nobody from the summary', async () => {
  await using mirror = await Mirror.start()
  const ran = await mirror.run({ env: { RUNNER_TEMP: '/dev/null', GITHUB_OUTPUT: '/dev/null/output' } })
  expect(ran.exitCode).toBe(1)
  expect(ran.log).toMatch(/^::error::outputs: it cannot be written/m)
  expect(ran.summary).toContain('## ❌ The report cannot be written, and 1 more error')
})

test('a FIFO in the place of the summary, which nobody reads, is not waited for', async () => {
  await using mirror = await Mirror.start()
  const fifo = join(mirror.workspace, 'fifo')
  execFileSync('mkfifo', [fifo])
  const { ended, kill } = mirror.start({ env: { GITHUB_STEP_SUMMARY: fifo } })
  const late = setTimeout(() => kill('SIGKILL'), 60_000)
  const ran = await ended.catch(({ message }: Error) => message)
  clearTimeout(late)
  // It is the rule that is broken here: that there is a summary.
  expect(ran).toMatch(/to match \/\^## /)
})

test('errors are in the log before anything is written', async () => {
  await using mirror = await Mirror.start()
  await mirror.node.stop()
  const ran = await mirror.run({ env: { RUNNER_TEMP: '/dev/null' } })
  expect(ran.log.indexOf('::error::node: ')).toBeGreaterThan(-1)
  expect(ran.log.indexOf('::error::node: ')).toBeLessThan(ran.log.indexOf('::error::report: '))
})

test('all is told before the monitor, who may be slow', async () => {
  await using mirror = await Mirror.start()
  const cid = new Cids(2).next()
  mirror.service.bucket('photos').add({ cid })
  mirror.heartbeat.intercept = () => 'hang'
  const running = mirror.start({ inputs: { 'heartbeat-url': mirror.heartbeat.url } })
  await until(() => mirror.heartbeat.requests.length > 0)
  running.kill('SIGKILL')
  const ran = await running.ended
  expect(ran.report).toMatchObject({ conclusion: 'ok', backup: { pinned: [{ cid }] } })
  expect(ran.summary).toContain('## ✅ 1 CID was pinned')
  expect(ran.outputs['pinned']).toBe('1')
})
