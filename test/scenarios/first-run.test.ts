import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { Mirror } from './mirror.ts'

test('on a runner of GitHub’s there is no node: it says where the job belongs', async () => {
  await using mirror = await Mirror.start()
  const inputs = { 'node-url': `unix:${join(mirror.workspace, 'no.sock')}` }
  const hosted = await mirror.run({ inputs, env: { RUNNER_ENVIRONMENT: 'github-hosted' } })
  expect(hosted.report.errors).toMatchObject([
    { where: 'node', message: expect.stringContaining('set `runs-on: self-hosted`') },
  ])
  const own = await mirror.run({ inputs, env: { RUNNER_ENVIRONMENT: 'self-hosted' } })
  expect(own.report.errors.map(({ message }) => message).join()).not.toContain('runs-on')
})

test.each([
  ['0.25.0', true],
  ['0.9.1', true],
  ['0.26.0', false],
  ['1.0.0-rc1', false],
])('Kubo %s is too old: %s', async (version, isTooOld) => {
  await using mirror = await Mirror.start()
  const cid = new Cids(1).next()
  mirror.service.bucket('photos').add({ cid })
  mirror.node.version = version
  const ran = await mirror.run()
  const errors = ran.report.errors.map(({ message }) => message).join()
  if (isTooOld) expect(errors).toContain(`Kubo ${version}, and needs 0.26 or newer`)
  else expect(errors).toBe('')
  expect(mirror.node.pins.get(cid) === undefined).toBe(isTooOld)
})

test.each([
  ['a page of HTML', { status: 200, body: '<!doctype html>' }],
  ['a 404 of a web server', { status: 404, body: '<h1>Not Found</h1>' }],
  ['JSON of another API', { status: 200, body: '{"items":[]}' }],
])('%s from the endpoint: what to check', async (_, answer) => {
  await using mirror = await Mirror.start()
  mirror.service.intercept = () => answer
  const ran = await mirror.run()
  expect(ran.report.errors).toMatchObject([
    {
      where: 'bucket photos',
      message: expect.stringContaining('Filebase’s is https://api.filebase.io/v1/ipfs'),
    },
  ])
})

test('an endpoint that has answered is not doubted for a page of HTML later on', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos'] })
  mirror.service.bucket('photos').addAll(new Cids(2).take(1200).map((cid) => ({ cid })))
  let asked = 0
  mirror.service.intercept = () => (++asked === 1 ? undefined : { status: 200, body: '<!doctype html>' })
  const ran = await mirror.run()
  expect(ran.report.errors).toMatchObject([{ where: 'bucket photos' }])
  expect(ran.report.errors[0]?.message).not.toContain('Filebase')
})

test('a service that is down: the next run tries again', async () => {
  await using mirror = await Mirror.start()
  mirror.service.intercept = () => ({ status: 503, body: 'down' })
  const ran = await mirror.run()
  expect(ran.report.errors).toMatchObject([
    {
      where: 'bucket photos',
      message: expect.stringContaining('It was asked several times; the next run tries again'),
    },
  ])
  expect(ran.asked.service.length).toBeGreaterThanOrEqual(5)
})

test.each(['a file', ...(existsSync('/proc/self') ? ['/proc'] : [])])(
  'a snapshot-dir that cannot be made, below %s, ends the run with the command that makes one',
  async (below) => {
    await using mirror = await Mirror.start()
    mirror.write('file', '')
    const folder = join(below === 'a file' ? join(mirror.workspace, 'file') : below, 'x', 'y')
    const ran = await mirror.run({ inputs: { 'snapshot-dir': folder } })
    expect(ran.report).toMatchObject({ conclusion: 'error', errors: [{ where: 'snapshot' }] })
    expect(ran.report.errors[0]?.message).toContain(`sudo install -d -o ${process.getuid?.()} ${folder}`)
    expect(ran.asked.service).toEqual([])
  },
)

test('where no issue can be kept, the first run says so, though there is nothing to tell', async () => {
  await using mirror = await Mirror.start()
  mirror.github.hasIssues = false
  const off = await mirror.run()
  expect(off.report.conclusion).toBe('ok')
  expect(off.report.warnings.map(({ message }) => message).join()).toContain('issues are turned off there')
})
