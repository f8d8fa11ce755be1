import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import type { RecordedRequest } from '../sandbox/server.ts'
import { added, Mirror, type Ran, until } from './mirror.ts'

const beats = (ran: Ran) => ran.asked.heartbeat.map(({ path }) => path.split('/').at(-1))
const inputsOf = (mirror: Mirror) => ({ 'stall-timeout': '2m', 'heartbeat-url': mirror.heartbeat.url })
const isDefect = (what: string) => ({
  where: 'run',
  message: expect.stringMatching(
    new RegExp(`^a defect of IPFS Pin Mirror ended the run: .*Please report it .*${what}`, 's'),
  ),
})

/** A mirror of which the node gets one CID at once, and the other not for a minute. */
async function withSlow() {
  const mirror = await Mirror.start()
  const [soon, late] = new Cids(1).take(2) as [string, string]
  mirror.service.bucket('photos').add({ cid: soon, created: '2024-02-01T00:00:00Z' })
  mirror.service.bucket('photos').add({ cid: late, created: '2024-01-01T00:00:00Z' })
  mirror.node.setContent(late, { msPerBlock: 60_000 })
  const isUnderWay = () =>
    mirror.node.pins.has(soon) &&
    mirror.node.requests.filter(({ path }) => path.endsWith('/pin/add')).length === 2
  return { mirror, soon, late, isUnderWay }
}

const isPinOf =
  (cid: string) =>
  ({ path, query }: RecordedRequest) =>
    path.endsWith('/pin/add') && [...query.values()].includes(cid)

/** Everybody is told that the run ended with an error. */
function expectTold(ran: Ran): void {
  expect(ran.exitCode).toBe(1)
  expect(ran.report.conclusion).toBe('error')
  expect(ran.outputs['conclusion']).toBe('error')
  expect(ran.summary).toContain('## ❌ A defect of IPFS Pin Mirror ended the run')
  expect(ran.log).toMatch(/^::error::run: a defect of IPFS Pin Mirror/m)
  expect(beats(ran).at(-1)).toBe('fail')
}

test.each([
  ['thrown on SIGUSR2', 'nobody catches this\n    at '],
  ['rejected on SIGUSR2', 'nobody catches this, neither\n    at '],
  ['no error on SIGUSR2', '\\[Object: null prototype\\] \\{\\}'],
])('what is %s in the middle of the pins is told, and the next run goes on', async (uncaught, what) => {
  const { mirror, soon, late, isUnderWay } = await withSlow()
  await using _ = mirror
  const running = mirror.start({ inputs: inputsOf(mirror), uncaught })
  await until(isUnderWay)
  running.kill('SIGUSR2')
  const ran = await running.ended
  expectTold(ran)
  expect(ran.report.errors).toMatchObject([isDefect(what)])
  expect(ran.report.backup).toMatchObject({ pinned: [{ cid: soon }], pending: [{ cid: late }], failed: [] })
  expect(beats(ran)).toEqual(['fail'])

  mirror.node.setContent(late, {})
  const next = await mirror.run()
  expect(next.report).toMatchObject({ conclusion: 'ok', buckets: [{ listing: { mode: 'incremental' } }] })
  expect(added(next)).toEqual([late])
})

test('runs that a defect ends are told in the tracking issue, from the second in a row on', async () => {
  const { mirror, late } = await withSlow()
  await using _ = mirror
  const failed = new Cids(2).next()
  mirror.service.bucket('photos').add({ cid: failed, status: 'failed', created: '2023-01-01T00:00:00Z' })
  const runs: Ran[] = []
  for (let run = 1; run <= 2; run++) {
    const running = mirror.start({ inputs: inputsOf(mirror), uncaught: 'thrown on SIGUSR2' })
    await until(() => mirror.node.requests.filter(isPinOf(late)).length === run)
    running.kill('SIGUSR2')
    runs.push(await running.ended)
  }
  const [first, second] = runs
  const [issue] = mirror.github.issues
  expect(first?.outputs['issue-number']).toBe('1')
  expect(second?.report).toMatchObject({ conclusion: 'error', failing: { runs: 2 } })
  expect(issue?.body).toContain(
    '**2 runs in a row ended with an error, 1 upload was given up by the service.**',
  )
  expect(issue?.body).toContain('a defect of IPFS Pin Mirror ended the run')
  expect(issue?.comments).toMatchObject([{ body: expect.stringContaining('**2 runs in a row**') }])

  mirror.node.setContent(late, {})
  await mirror.run()
  expect(issue?.body).toContain('**1 upload was given up by the service.**')
})

test('what comes again and again is told some times, and ends', async () => {
  const { mirror, isUnderWay } = await withSlow()
  await using _ = mirror
  const running = mirror.start({ inputs: inputsOf(mirror), uncaught: 'thrown for ever from SIGUSR2 on' })
  await until(isUnderWay)
  running.kill('SIGUSR2')
  const ran = await running.ended
  expect(ran.exitCode).toBe(1)
  expect(ran.report.conclusion).toBe('error')
  expect(ran.report.errors).toHaveLength(10)
  expect(ran.outputs['conclusion']).toBe('error')
})

test('while a cancel is under way', async () => {
  const { mirror, soon, late, isUnderWay } = await withSlow()
  await using _ = mirror
  const running = mirror.start({ inputs: inputsOf(mirror), uncaught: 'thrown on SIGINT' })
  await until(isUnderWay)
  running.kill('SIGINT')
  const ran = await running.ended
  expectTold(ran)
  expect(ran.report.errors).toMatchObject([isDefect('nobody catches this')])
  expect(ran.report.backup).toMatchObject({ pinned: [{ cid: soon }], pending: [{ cid: late }] })
})

test('while the monitor is told of a good end, it is told of the bad one', async () => {
  await using mirror = await Mirror.start()
  mirror.heartbeat.intercept = ({ path }) => (path.endsWith('/fail') ? undefined : 'hang')
  const running = mirror.start({ inputs: inputsOf(mirror), uncaught: 'thrown on SIGUSR2' })
  await until(() => mirror.heartbeat.requests.length > 0)
  running.kill('SIGUSR2')
  const ran = await running.ended
  expectTold(ran)
  expect(ran.report.errors).toMatchObject([isDefect('nobody catches this')])
  expect(beats(ran)).toEqual(['8d1a4f0e-heartbeat-secret', 'fail'])
})

test('a run that waits for nothing that can come ends in a report', async () => {
  await using mirror = await Mirror.start()
  mirror.service.intercept = () => ({ status: 503 })
  const ran = await mirror.run({ inputs: inputsOf(mirror), uncaught: 'the first pause never ends' })
  expectTold(ran)
  expect(ran.report.errors).toMatchObject([isDefect('nothing is left to wait for')])
})

test('a report that waits for nothing that can come is written anew', async () => {
  await using mirror = await Mirror.start()
  const ran = await mirror.run({ inputs: inputsOf(mirror), uncaught: 'the first file is never written' })
  expectTold(ran)
  expect(ran.report.errors).toMatchObject([isDefect('nothing is left to wait for')])
  expect(ran.summary).toContain('nothing is left to wait for')
})

test('a log that takes nothing any more keeps nobody else from being told', async () => {
  const { mirror, isUnderWay } = await withSlow()
  await using _ = mirror
  const running = mirror.start({ inputs: inputsOf(mirror), uncaught: 'the log is gone on SIGUSR2' })
  await until(isUnderWay)
  running.kill('SIGUSR2')
  running.kill('SIGTERM')
  const ran = await running.ended
  expect(ran.exitCode).toBe(1)
  expect(ran.report.conclusion).toBe('error')
  expect(ran.report.errors).toContainEqual(
    expect.objectContaining({ where: 'log', message: expect.stringContaining('the log is gone') }),
  )
  expect(ran.summary).toContain('## ❌ ')
  expect(beats(ran)).toEqual(['fail'])
})
