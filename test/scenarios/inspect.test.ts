import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { commands, Mirror } from './mirror.ts'

test('what every bucket and the node know of some CIDs is reported, and nothing is changed', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'videos'] })
  const cids = new Cids(1)
  const twin = cids.bothVersions()
  const [failed = '', unknown = ''] = cids.take(2)
  const meta = { owner: 'someone' }
  mirror.service.bucket('photos').add({ cid: twin.v0, name: 'mine', meta })
  mirror.service.bucket('videos').add({ cid: twin.v1, status: 'queued' })
  mirror.service.bucket('videos').add({ cid: failed, status: 'failed', reason: 'Exceeded Max Attempts (11)' })
  mirror.node.pin(twin.v1, { name: 'on the node' })
  const inputs = {
    inspect: `${twin.v1}, ${failed}\n${unknown} no-cid`,
    'heartbeat-url': mirror.heartbeat.url,
    peering: 'save',
    direction: 'update',
    'target-bucket': 'photos',
  }

  const ran = await mirror.run({ inputs, event: 'workflow_dispatch' })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    backup: null,
    update: null,
    inspect: [
      {
        cid: twin.v1,
        valid: true,
        node: { pinned: { type: 'recursive', name: 'on the node' } },
        service: [
          { bucket: 'photos', status: 'pinned', name: 'mine', meta, reason: null },
          { bucket: 'videos', status: 'queued' },
        ],
      },
      {
        cid: failed,
        service: [{ bucket: 'videos', status: 'failed', reason: 'Exceeded Max Attempts (11)' }],
      },
      { cid: unknown, valid: true, node: { pinned: { type: 'none' } }, service: [] },
      { cid: 'no-cid', valid: false, node: null, service: [] },
    ],
    warnings: [{ where: 'inspect', message: expect.stringContaining('no-cid') }],
  })
  expect(ran.summary).toContain('## 🔎 3 CIDs inspected: the node pins 1')
  for (const text of [twin.v1, failed, unknown, 'no-cid', 'Exceeded Max Attempts'])
    expect(ran.summary).toContain(text)
  expect(ran.asked.service.every(({ method }) => method === 'GET')).toBe(true)
  const allowed = ['id', 'version', 'pin/ls', 'swarm/peers', 'dag/stat', 'routing/findprovs']
  expect(commands(ran).filter((command) => !allowed.includes(command))).toEqual([])
  expect(ran.asked.github).toEqual([])
  expect(ran.asked.heartbeat).toEqual([])
})

test('a bucket that does not answer is an error, and the rest is reported all the same', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'videos'] })
  const cid = new Cids(2).next()
  mirror.service.bucket('photos').add({ cid })
  mirror.service.bucket('videos').refusal = { status: 401, reason: 'ERR_INVALID_TOKEN' }
  const ran = await mirror.run({ inputs: { inspect: cid } })
  expect(ran.report).toMatchObject({
    conclusion: 'error',
    errors: [{ where: 'bucket videos' }],
    inspect: [{ cid, service: [{ bucket: 'photos' }], unanswered: ['videos'] }],
  })
  expect(ran.summary).toContain('they did not say')
})
