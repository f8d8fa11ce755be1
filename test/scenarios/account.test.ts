import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { s3Error, startS3 } from '../sandbox/s3.ts'
import { Mirror, type Ran } from './mirror.ts'

const warningsOf = ({ report }: Ran) => report.warnings.filter(({ where }) => where === 'account')

/** What the tokens of a mirror's buckets are made of. */
function keysIn(mirror: Mirror): { accessKey: string; secretKey: string; name: string }[] {
  return mirror.bucketLines.split('\n').map((line) => {
    const token = Buffer.from(line.slice(line.indexOf('=') + 1), 'base64').toString()
    const [accessKey = '', secretKey = '', name = ''] = token.split(':')
    return { accessKey, secretKey, name }
  })
}

/** A mirror of two buckets, each of an account of its own, and the S3 API of both accounts. */
async function start() {
  await using things = new AsyncDisposableStack()
  const mirror = things.use(await Mirror.start({ buckets: ['photos', 'videos'] }))
  const [photos, videos] = keysIn(mirror).map(({ accessKey }) => accessKey)
  const accounts = { [photos ?? '']: ['photos', 'scans', 'old'], [videos ?? '']: ['videos', 'zoo'] }
  const s3 = things.use(await startS3({ accounts }))
  mirror.service.bucket('photos').add({ cid: new Cids(1).next() })
  const inputs = { 'check-buckets': 'true', 'filebase-s3-endpoint': s3.url }
  const done = things.move()
  return { mirror, s3, inputs, [Symbol.asyncDispose]: () => done.disposeAsync() }
}

test('buckets that nobody named are told in report, summary and issue, until they are', async () => {
  await using all = await start()
  const { mirror, s3, inputs } = all
  const first = await mirror.run({ inputs })
  expect(first.report).toMatchObject({
    conclusion: 'ok',
    account: { unmirrored: ['old', 'scans', 'zoo'], complete: true },
    backup: { pinned: [{ bucket: 'photos' }] },
  })
  expect(first.summary).toMatch(/\*\*Mirror 3 buckets of the account, or ignore them\.\*\* .*old.*scans.*zoo/)
  const line = /\| 3 \| buckets are not mirrored: .*old.*scans.*zoo/
  const [issue] = mirror.github.issues
  expect(issue?.body).toMatch(line)
  expect(s3.requests.map(({ method, path, query }) => [method, path, [...query]])).toEqual([
    ['GET', '/', []],
    ['GET', '/', []],
  ])

  // A run that is not told all says what it knows, and the issue stays as it is.
  s3.intercept = () => s3Error(503, 'SlowDown')
  const blind = await mirror.run({ inputs })
  expect(blind.report).toMatchObject({ conclusion: 'ok', account: { unmirrored: [], complete: false } })
  expect(warningsOf(blind)).toHaveLength(2)
  expect(issue).toMatchObject({ state: 'open', body: expect.stringMatching(line), comments: [] })
  s3.intercept = undefined

  const settled = await mirror.run({ inputs: { ...inputs, 'ignore-buckets': 'old\nscans\nzoo' } })
  expect(settled.report.account).toEqual({ unmirrored: [], complete: true })
  expect(settled.summary).not.toContain('of the account')
  expect(issue?.state).toBe('closed')
})

test('nobody is asked unless it is wanted', async () => {
  await using all = await start()
  const { mirror, s3, inputs } = all
  const { report } = await mirror.run({ inputs: { ...inputs, 'check-buckets': 'false' } })
  expect(report.account).toBeNull()
  expect(s3.requests).toEqual([])
})

test('an S3 API that is down, or is none, fails no run', async () => {
  await using all = await start()
  const { mirror, s3, inputs } = all
  await s3.stop()
  const ran = await mirror.run({ inputs })
  expect(ran.report).toMatchObject({ conclusion: 'ok', backup: { pinned: [{}] } })
  expect(warningsOf(ran)).toHaveLength(2)
  const elsewhere = { ...inputs, 'filebase-s3-endpoint': mirror.github.url }
  expect((await mirror.run({ inputs: elsewhere })).report).toMatchObject({ conclusion: 'ok' })
})

test('two secrets and bare names are enough', async () => {
  await using mirror = await Mirror.start()
  const [keys] = keysIn(mirror)
  const { accessKey = '', secretKey = '' } = keys ?? {}
  await using s3 = await startS3({ accounts: { [accessKey]: ['photos', '::error::x', '@octo <b>'] } })
  const cid = new Cids(2).next()
  mirror.service.bucket('photos').add({ cid })
  const inputs = {
    buckets: '# all of them\nphotos',
    'filebase-access-key': accessKey,
    'filebase-secret-key': secretKey,
    'check-buckets': 'true',
    'filebase-s3-endpoint': s3.url,
  }
  const ran = await mirror.run({ inputs })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    backup: { pinned: [{ cid, bucket: 'photos' }] },
    account: { unmirrored: ['::error::x', '@octo <b>'] },
  })
  expect(warningsOf(ran)).toEqual([])
  expect(`${ran.summary}${mirror.github.issues[0]?.body}`).not.toMatch(/<b>|::error::/)
})

test('what S3 repeats of the keys is in nothing that is left', async () => {
  await using all = await start()
  const { mirror, s3, inputs } = all
  const own = mirror.secrets.slice(0, 6)
  s3.intercept = ({ headers }) => {
    const body = `<ListAllMyBucketsResult><Buckets>${own
      .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
      .map((name) => `<Bucket><Name>${name}</Name></Bucket>`)
      .join('')}</Buckets></ListAllMyBucketsResult>`
    const isFirst = headers.authorization?.includes('PHOTOS') === true
    return {
      status: isFirst ? 200 : 403,
      body: isFirst ? body : `<Error><Code>Denied</Code>${own.join('-')}</Error>`,
    }
  }
  // The rules that hold for every run look for the secrets.
  const { report } = await mirror.run({ inputs })
  expect(report.account?.unmirrored).toContain('***')
})

test('a slip of the pen in a name, where the keys make the token, is looked for in the name', async () => {
  await using mirror = await Mirror.start()
  const [{ accessKey, secretKey } = { accessKey: '', secretKey: '' }] = keysIn(mirror)
  const { report, summary } = await mirror.run({
    inputs: { buckets: 'photo', 'filebase-access-key': accessKey, 'filebase-secret-key': secretKey },
  })
  expect(report.errors).toMatchObject([
    {
      where: 'bucket photo',
      message: expect.stringMatching(/^no bucket of this name for these keys \(status 401, /),
    },
  ])
  expect(summary).toMatch(/1\. \*\*Check the spelling of <code>photo<\/code> in <code>buckets<\/code>\.\*\*/)
})
