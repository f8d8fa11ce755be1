import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { Mirror, type Ran } from './mirror.ts'

const beats = (ran: Ran) =>
  ran.asked.heartbeat.map(({ method, path }) => `${method} ${path.replace(/^\/ping\/[^/]*/, '')}`)

test('the monitor hears of good ends and of errors', async () => {
  await using mirror = await Mirror.start()
  const inputs = { 'heartbeat-url': mirror.heartbeat.url }
  const dead = new Cids(1).next()
  mirror.service.bucket('photos').add({ cid: dead })
  mirror.node.setContent(dead, nowhere)
  const failedPins = await mirror.run({ inputs: { ...inputs, 'fail-on': 'failed-pins' } })
  expect(failedPins.report.conclusion).toBe('failed-pins')
  expect(beats(failedPins)).toEqual(['GET '])
  await mirror.node.stop()
  expect(beats(await mirror.run({ inputs }))).toEqual(['GET /fail'])
})

test('a monitor that is not there is a warning, and its address stays a secret', async () => {
  await using mirror = await Mirror.start()
  await mirror.heartbeat.stop()
  const ran = await mirror.run({ inputs: { 'heartbeat-url': mirror.heartbeat.url } })
  expect(ran.exitCode).toBe(0)
  expect(ran.report).toMatchObject({ conclusion: 'ok', warnings: [{ where: 'heartbeat' }] })
  expect(ran.log).toContain('::warning::heartbeat: the monitor at heartbeat-url was not told')
})
