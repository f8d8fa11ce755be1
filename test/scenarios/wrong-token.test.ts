import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { freePlan } from '../sandbox/pinning-service.ts'
import { added, Mirror } from './mirror.ts'

const invalidToken = { status: 401, reason: 'ERR_INVALID_TOKEN', details: 'api key does not exist' }

test('a wrong token is an error that names its bucket; the other bucket is backed up', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'video'] })
  const [photo = '', video = '', pinned = ''] = new Cids(1).take(3)
  mirror.service.bucket('photos').add({ cid: photo })
  mirror.service.bucket('video').add({ cid: video })
  mirror.service.bucket('video').refusal = invalidToken
  mirror.service.bucket('video').add({ cid: pinned })
  mirror.node.pin(pinned)

  const ran = await mirror.run()
  expect(ran.exitCode).toBe(1)
  expect(ran.report.conclusion).toBe('error')
  expect(ran.report.errors).toMatchObject([
    { where: 'bucket video', message: expect.stringContaining('ERR_INVALID_TOKEN: api key does not exist') },
  ])
  expect(ran.report.errors[0]?.message).toContain('check its line in `buckets`')
  expect(ran.report.buckets).toMatchObject([
    { name: 'photos', cids: 1, listing: { complete: true } },
    { name: 'video', cids: 0, listing: { complete: false, httpRequests: 1 } },
  ])
  expect(ran.report.backup).toMatchObject({ missing: 1, pinned: [{ cid: photo }] })
  expect(added(ran)).toEqual([photo])
  expect(ran.summary).toContain('## ❌ <code>video</code> could not be listed: its token is refused')
  // What could not be listed is not taken for empty.
  expect(ran.summary).toContain('No bucket was seen to have it, in any status')
  expect(ran.log).toContain('::error::bucket video: ')
  expect(ran.report.buckets[1]?.listing.notes).toEqual([
    'The service refused the listing; the first run that it lets in goes on from here.',
  ])

  mirror.service.bucket('video').refusal = undefined
  const next = await mirror.run()
  expect(next.report).toMatchObject({ conclusion: 'ok', backup: { pinned: [{ cid: video }] } })
})

test('a free plan is said as such', async () => {
  await using mirror = await Mirror.start()
  mirror.service.bucket('photos').refusal = freePlan
  const { report } = await mirror.run()
  expect(report.errors[0]).toMatchObject({
    where: 'bucket photos',
    message: expect.stringContaining('The Pinning Service API requires a paid account'),
  })
  expect(report.errors[0]?.message).toContain('check the plan')
})

test('a bucket that was listed before is still backed up from the snapshot when its token is refused', async () => {
  await using mirror = await Mirror.start()
  const [cid = ''] = new Cids(2).take(1)
  mirror.service.bucket('photos').add({ cid })
  await mirror.run()
  mirror.node.pins.clear()
  mirror.service.bucket('photos').refusal = invalidToken
  const ran = await mirror.run()
  expect(ran.report).toMatchObject({ conclusion: 'error', backup: { missing: 1, pinned: [{ cid }] } })
})

// The rules, which are checked after each run, look for the token everywhere.
test.each([
  [
    'in its own words',
    (token: string) =>
      JSON.stringify({ error: { reason: `NO ${token}`, details: `I do not know ${token}` } }),
  ],
  [
    'in escaped JSON',
    (token: string) => JSON.stringify({ error: { reason: `NO ${token}` } }).replaceAll('=', '\\u003d'),
  ],
  ['in plain text', (token: string) => `<p>Bearer ${token}?</p>`],
])('a service that repeats the token %s does not give it away', async (_, words) => {
  await using mirror = await Mirror.start()
  mirror.service.intercept = ({ headers }) => ({
    status: 401,
    body: words((headers.authorization ?? '').replace('Bearer ', '')),
  })
  const ran = await mirror.run()
  expect(ran.report.errors[0]?.message).toContain('***')
})

test('a node that repeats the authorization does not give it away', async () => {
  await using mirror = await Mirror.start({ node: { authorization: 'Bearer secret-of-the-node' } })
  mirror.node.intercept = ({ headers }) => ({
    status: 500,
    body: JSON.stringify({ Message: `what is ${headers.authorization}?`, Code: 0, Type: 'error' }),
  })
  const ran = await mirror.run({ inputs: { 'node-authorization': 'bearer:secret-of-the-node' } })
  expect(ran.report.errors[0]).toMatchObject({ where: 'node', message: expect.stringContaining('what is') })
})
