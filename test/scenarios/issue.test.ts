import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { Mirror, type Ran } from './mirror.ts'

const invalidToken = { status: 401, reason: 'ERR_INVALID_TOKEN' }
const changes = (ran: Ran) =>
  ran.asked.github
    .filter(({ method, path }) => method !== 'GET' && path !== '/graphql')
    .map(({ method, path }) => `${method} ${path}`)

/** A mirror with one CID that nobody has. */
async function withDead() {
  const mirror = await Mirror.start()
  const [dead = '', other = ''] = new Cids(1).take(2)
  const photos = mirror.service.bucket('photos')
  photos.add({ cid: dead, name: 'lost.jpg' })
  mirror.node.setContent(dead, nowhere)
  return { mirror, photos, dead, other }
}

test('the issue’s life: opened, left alone, commented, closed, reopened', async () => {
  const { mirror, photos, dead, other } = await withDead()
  await using _ = mirror
  const opened = await mirror.run()
  const [issue] = mirror.github.issues
  expect(changes(opened)).toEqual(['POST /repos/octo/mirror/issues'])
  expect(issue).toMatchObject({ state: 'open', labels: ['ipfs-pin-mirror'], author: 'github-actions[bot]' })
  expect(issue?.body).toContain(dead)
  expect(issue?.body).toContain('no block of it came within 2 s')
  expect(opened.outputs['issue-number']).toBe('1')
  expect(opened.summary).toContain('[tracking issue #1](https://github.com/octo/mirror/issues/1)')

  const resting = await mirror.run()
  expect(changes(resting)).toEqual([])
  expect(resting.outputs['issue-number']).toBe('1')

  photos.add({ cid: other, status: 'failed', reason: 'Exceeded Max Attempts (11)' })
  const more = await mirror.run()
  expect(changes(more)).toEqual([
    'POST /repos/octo/mirror/issues/1/comments',
    'PATCH /repos/octo/mirror/issues/1',
  ])
  expect(issue?.comments.at(-1)?.body).toContain(other)
  expect(issue?.body).toContain('**1 CID fails for now, 1 upload was given up by the service.**')

  mirror.node.setContent(dead, {})
  photos.add({ cid: other, created: Date.now() + 1000 })
  const closed = await mirror.run({ event: 'workflow_dispatch' })
  expect(closed.report).toMatchObject({
    conclusion: 'ok',
    buckets: [{ failedRequests: [] }],
    backup: { failed: [] },
  })
  expect(issue).toMatchObject({ state: 'closed', stateReason: 'completed' })
  expect(issue?.comments.at(-1)?.body).toContain('Nothing is left')
  expect(changes(await mirror.run())).toEqual([])

  mirror.node.pins.delete(dead)
  mirror.node.loseBlocks(dead, 0)
  mirror.node.setContent(dead, nowhere)
  await mirror.run()
  expect(issue?.state).toBe('open')
  expect(mirror.github.issues).toHaveLength(1)
})

test('what a doubted drop hides is not settled, and what is new is told', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'video'] })
  const fresh = new Cids(4).next()
  const [dead = '', lost = '', ...others] = new Cids(2).take(42)
  const photos = mirror.service.bucket('photos')
  photos.addAll(others.map((cid) => ({ cid, created: '2024-01-01T00:00:00Z' })))
  const doubted = [
    photos.add({ cid: dead, created: '2024-02-01T00:00:00Z' }),
    photos.add({ cid: lost, status: 'failed', created: '2024-02-01T00:00:01Z' }),
  ]
  mirror.node.setContent(dead, nowhere)
  for (const cid of new Cids(3).take(3)) mirror.node.pin(cid)
  await mirror.run()
  const [issue] = mirror.github.issues

  const gone = new Set(others.slice(0, 20))
  for (const { cid, requestid } of photos.rows()) if (gone.has(cid)) photos.remove(requestid)
  for (const { requestid } of doubted) photos.remove(requestid)
  mirror.service.bucket('video').add({ cid: fresh, status: 'failed' })
  const drop = await mirror.run()
  expect(drop.report).toMatchObject({
    conclusion: 'failed-pins',
    buckets: [{ listing: { vanished: 22 } }, { listing: { complete: true } }],
    node: { onlyHereProved: false },
  })
  expect(issue).toMatchObject({ state: 'open' })
  expect(issue?.body).toContain(
    '**1 finding is not believed yet, 1 CID fails for now, 2 uploads were given up by the service.**',
  )
  for (const cid of [dead, lost, fresh]) expect(issue?.body?.split('\n')).toContain(cid)
  expect(issue?.comments.map(({ body }) => body.split('\n').filter((line) => line.startsWith('- ')))).toEqual(
    [
      [
        `- **+1** uploads that the service gave up: <code>${fresh}</code>`,
        '- **+1** not believed yet: <code>bucket photos</code>',
      ],
    ],
  )
  expect(drop.report.warnings).toMatchObject([
    { where: 'bucket photos', message: expect.stringContaining('vanished at once') },
    { where: 'issue', message: expect.stringContaining('did not see everything') },
  ])
  expect(drop.summary).toContain('at most 23 only on the node')
  expect(drop.summary).toContain('not every bucket is proved complete')

  const confirmed = await mirror.run({ inputs: { 'full-listing': 'true' }, event: 'workflow_dispatch' })
  expect(confirmed.report).toMatchObject({ conclusion: 'ok', warnings: [], node: { onlyHereProved: true } })
  expect(issue?.body).toContain('**1 upload was given up by the service.**')
  expect(issue?.comments.at(-1)?.body).toContain(
    `**−1** uploads that the service gave up: <code>${lost}</code>`,
  )
})

test.each([
  ['a bucket', (mirror: Mirror) => (mirror.service.bucket('video').refusal = invalidToken)],
  ['the node', (mirror: Mirror) => mirror.node.stop()],
])('the issue may grow, but is not closed, in a run that could not list %s', async (_, arrange) => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'video'] })
  const [one = '', two = '', three = ''] = new Cids(4).take(3)
  const row = mirror.service.bucket('photos').add({ cid: one, status: 'failed' })
  await mirror.run()
  const [issue] = mirror.github.issues
  await arrange(mirror)
  mirror.service.bucket('photos').add({ cid: two, status: 'failed', created: Date.now() + 1000 })
  await mirror.run()
  expect(issue?.comments.at(-1)?.body).toContain(two)

  mirror.service.bucket('photos').remove(row.requestid)
  mirror.service.bucket('photos').add({ cid: three, status: 'failed', created: Date.now() + 2000 })
  const ran = await mirror.run()
  expect(ran.report.conclusion).toBe('error')
  expect(issue?.state).toBe('open')
  for (const cid of [one, two, three]) expect(issue?.body?.split('\n')).toContain(cid)
  const last = issue?.comments.at(-1)?.body
  expect(last).toContain(three)
  expect(last).not.toContain(one)
})

test('a run that fails is told from the second in a row on, and leaves with the first that does not', async () => {
  const { mirror, photos, dead } = await withDead()
  await using _ = mirror
  await mirror.run()
  const [issue] = mirror.github.issues
  const shown = () => issue?.body?.replace(/Last changed by[\s\S]*$/, '')
  const before = shown()

  photos.refusal = invalidToken
  const first = await mirror.run()
  expect(first.report.conclusion).toBe('error')
  expect(shown()).toBe(before)
  expect(issue?.comments).toEqual([])

  const second = await mirror.run()
  expect(issue?.body).toContain('**2 runs in a row ended with an error, 1 CID fails for now.**')
  expect(issue?.body).toContain('ERR&#95;INVALID&#95;TOKEN')
  expect(issue?.body).toContain(dead)
  expect(issue?.comments.map((one) => one.body)).toEqual([
    expect.stringContaining(`since ${first.report.startedAt.slice(0, 16).replace('T', ' ')} (UTC)`),
  ])
  expect(changes(second)).toHaveLength(2)

  const third = await mirror.run()
  expect(issue?.body).toContain('**3 runs in a row ended with an error,')
  expect(changes(third)).toEqual(['PATCH /repos/octo/mirror/issues/1'])

  photos.refusal = undefined
  await mirror.run()
  expect(issue?.body).toContain('**1 CID fails for now.**')
  expect(issue?.comments.at(-1)?.body).toContain('The runs no longer end with an error.')
})

test('bad inputs are told too, where it is known whose run it is: an issue of their own, closed when they are good', async () => {
  await using mirror = await Mirror.start()
  mirror.service.bucket('photos').add({ cid: new Cids(1).next() })
  const bad = { inputs: { buckets: '' } }
  const first = await mirror.run(bad)
  expect(Object.values(first.asked).flat()).toEqual([])
  const second = await mirror.run(bad)
  expect(changes(second)).toEqual(['POST /repos/octo/mirror/issues'])
  const [issue] = mirror.github.issues
  expect(issue?.body).toContain('**2 runs in a row ended with an error.**')
  expect(issue?.body).toContain('is its secret set in this repository')
  expect(second.outputs['issue-number']).toBe('1')
  expect([...second.asked.service, ...second.asked.node]).toEqual([])

  for (const inputs of [
    { 'dry-run': 'true' },
    { inspect: 'bafkqaaa' },
    { 'cache-key': 'a/b' },
    { issue: 'false' },
  ])
    expect(changes(await mirror.run({ inputs: { ...bad.inputs, ...inputs } }))).toEqual([])

  await mirror.run()
  expect(issue).toMatchObject({ state: 'closed', stateReason: 'completed' })
})

/** A run whose snapshot cannot be opened: where its folder is to be there is a file. */
function runUnopened(mirror: Mirror): Promise<Ran> {
  const path = join(mirror.workspace, 'no-folder')
  writeFileSync(path, '')
  return mirror.run({ inputs: { 'snapshot-dir': path } })
}

test('runs that cannot open the snapshot are told from the second in a row on, and what the issue told stays', async () => {
  const { mirror, dead } = await withDead()
  await using _ = mirror
  await mirror.run()
  const [issue] = mirror.github.issues
  const shown = () => issue?.body?.replace(/<!-- ipfs-pin-mirror-told: .*/, '')
  const before = shown()
  const first = await runUnopened(mirror)
  expect(first.report).toMatchObject({ conclusion: 'error', errors: [{ where: 'snapshot' }] })
  expect(shown()).toBe(before)
  expect(first.outputs['issue-number']).toBe('1')

  await runUnopened(mirror)
  expect(issue?.body).toContain('**2 runs in a row ended with an error, 1 CID fails for now.**')
  expect(issue?.body).toContain('no snapshot can be kept at')
  expect(issue?.body).toContain(dead)
  const since = `since ${first.report.startedAt.slice(0, 16).replace('T', ' ')} (UTC)`
  expect(issue?.comments).toMatchObject([{ body: expect.stringContaining(since) }])
  expect(changes(await runUnopened(mirror))).toEqual(['PATCH /repos/octo/mirror/issues/1'])
  expect(issue?.body).toContain('**3 runs in a row ended with an error,')

  // The history knows of none of these.
  mirror.service.bucket('photos').refusal = invalidToken
  await mirror.run()
  expect(issue?.body).toContain('**4 runs in a row ended with an error,')
  mirror.service.bucket('photos').refusal = undefined
  await mirror.run()
  expect(issue?.body).toContain('**1 CID fails for now.**')
  expect(issue?.comments).toHaveLength(2)
  expect(issue?.comments.at(-1)?.body).toContain('The runs no longer end with an error.')
})

test('where there is no issue, the first run that cannot open the snapshot opens one, as nothing else remembers it', async () => {
  await using mirror = await Mirror.start()
  mirror.service.bucket('photos').add({ cid: new Cids(1).next() })
  await runUnopened(mirror)
  const [issue] = mirror.github.issues
  expect(issue?.body).toContain('**1 run ended with an error.**')
  await runUnopened(mirror)
  expect(issue?.body).toContain('**2 runs in a row ended with an error.**')
  await mirror.run()
  expect(issue).toMatchObject({ state: 'closed', stateReason: 'completed' })

  await runUnopened(mirror)
  expect(issue?.state).toBe('closed')
  await mirror.run()
  await runUnopened(mirror)
  expect(issue?.state).toBe('closed')
  await runUnopened(mirror)
  expect(issue?.state).toBe('open')
  expect(issue?.body).toContain('**2 runs in a row ended with an error.**')
  expect(mirror.github.issues).toHaveLength(1)

  const unopened = { 'snapshot-dir': join(mirror.workspace, 'no-folder') }
  // The report of an inspection that came to nothing does not say that it is one: the rules cannot be checked.
  const env = { RUNNER_TEMP: mirror.workspace }
  for (const inputs of [{ inspect: 'bafkqaaa' }, { 'dry-run': 'true' }])
    expect((await mirror.run({ inputs: { ...unopened, ...inputs }, env })).asked.github).toEqual([])
})

test('of what a failing run did not see nothing is taken off', async () => {
  const { mirror, photos, dead, other } = await withDead()
  await using _ = mirror
  const [photosToken = ''] = mirror.bucketLines.split('\n')
  photos.add({ cid: other, status: 'failed', reason: 'Exceeded Max Attempts (11)' })
  await mirror.run()
  const [issue] = mirror.github.issues
  for (let run = 1; run <= 2; run++) await mirror.run({ inputs: { concurrency: '0', buckets: photosToken } })
  for (const cid of [dead, other]) expect(issue?.body).toContain(cid)
  expect(issue?.body).toContain(
    '**2 runs in a row ended with an error, 1 CID fails for now, 1 upload was given up',
  )
  expect(issue?.state).toBe('open')
  await mirror.run()
  expect(issue?.body).toContain('**1 CID fails for now, 1 upload was given up by the service.**')
})

test('a comment names what is new, by reason and bucket, however much is told already', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'video'] })
  const cids = new Cids(5)
  const refused = (cid: string) => {
    mirror.node.setContent(cid, {
      breaks: { after: 0, error: 'pin: potentially insecure hash functions not allowed' },
    })
    return { cid }
  }
  mirror.service.bucket('photos').addAll(cids.take(600).map(refused))
  await mirror.run()
  const [issue] = mirror.github.issues
  expect(issue?.body).toContain('**600 CIDs can never be pinned.**')
  const fresh = cids.take(3)
  mirror.service.bucket('video').addAll(fresh.map((cid) => ({ ...refused(cid), created: Date.now() + 1000 })))
  for (const { requestid } of mirror.service.bucket('photos').rows().slice(0, 2))
    mirror.service.bucket('photos').remove(requestid)
  await mirror.run()
  expect(issue?.body).toContain('**601 CIDs can never be pinned.**')
  const text = issue?.comments.at(-1)?.body ?? ''
  expect(text.split('\n').filter((line) => line.startsWith('- '))).toEqual([
    '- **+3** Kubo refuses the hash (<code>video</code>)',
    '- **−2** gone from the service (<code>photos</code>)',
  ])
  for (const cid of fresh) expect(text.split('\n')).toContain(cid)
})

test('a mirror that lost its snapshot finds its issue again', async () => {
  const { mirror } = await withDead()
  await using _ = mirror
  await mirror.run()
  mirror.inSnapshot((db) => db.exec("DELETE FROM fact WHERE name = 'issue'"))
  const next = await mirror.run()
  expect(next.outputs['issue-number']).toBe('1')
  expect(mirror.github.issues).toHaveLength(1)
})

test('another’s issue with the same marker is left alone', async () => {
  const { mirror } = await withDead()
  await using _ = mirror
  await mirror.run()
  const own = mirror.github.issues[0]
  const copy = mirror.github.addIssue({ title: 'mine', body: own?.body ?? '', author: 'mallory' })
  mirror.github.issues.splice(0, 1)
  mirror.inSnapshot((db) => db.exec("DELETE FROM fact WHERE name = 'issue'"))
  await mirror.run()
  expect(copy).toMatchObject({ title: 'mine', comments: [], state: 'open' })
})

test.each([
  ['turned off', (mirror: Mirror) => (mirror.github.hasIssues = false), 'issues are turned off there'],
  [
    'not permitted',
    (mirror: Mirror) => (mirror.github.permission = 'none'),
    '`permissions:` with `issues: write`',
  ],
  [
    'for reading only',
    (mirror: Mirror) => (mirror.github.permission = 'read'),
    '`permissions:` with `issues: write`',
  ],
])('issues %s: a warning, and the run goes on', async (_, arrange, said) => {
  const { mirror, photos, other } = await withDead()
  await using __ = mirror
  photos.add({ cid: other })
  await arrange(mirror)
  const ran = await mirror.run()
  expect(ran.exitCode).toBe(0)
  expect(ran.report).toMatchObject({ conclusion: 'failed-pins', backup: { pinned: [{ cid: other }] } })
  expect(ran.report.warnings.find(({ where }) => where === 'issue')?.message).toContain(said)
})

test('`issue: false` asks nothing of GitHub', async () => {
  const { mirror } = await withDead()
  await using _ = mirror
  const ran = await mirror.run({ inputs: { issue: 'false', 'github-token': '' } })
  expect(ran.asked.github).toEqual([])
  expect(ran.report.warnings.map(({ where }) => where)).not.toContain('issue')
})
