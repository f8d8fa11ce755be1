import { expect, test } from 'vitest'
import { DeadlineError, NoAnswerError, ServiceError } from '../../../src/errors.ts'
import { bucketProblems, troubleOf } from '../../../src/sides/bucket-trouble.ts'

const names = ['photos', 'videos', 'documents']
const url = (name: string) => `https://service.example/pins?of=${name}`
const refused = (status: number) =>
  new ServiceError({ status, reason: 'NO', details: '', message: `no (${status})` }, null)
const gone = (name: string) =>
  new NoAnswerError({ method: 'GET', url: url(name), code: 'ECONNREFUSED', detail: 'ECONNREFUSED' })

test('one cause is one problem, whatever differs in what was asked', () => {
  const troubles = names.map((name) => troubleOf(name, gone(name), { hasAnswered: false }))
  expect(bucketProblems(troubles, 3)).toEqual([
    {
      where: 'all 3 buckets',
      message: `${gone('photos').message}. Check \`endpoint\`, and that this runner can reach it`,
      short: 'none of the 3 buckets could be listed: the service cannot be reached',
      todo: 'Check that this runner can reach `endpoint`',
      isError: true,
    },
  ])
})

test('some of many are named', () => {
  const troubles = names.slice(0, 2).map((name) => troubleOf(name, refused(401), { hasAnswered: true }))
  expect(bucketProblems(troubles, 3)).toMatchObject([
    {
      where: '2 buckets (photos, videos)',
      short: '2 of 3 buckets could not be listed: their tokens are refused',
      todo: 'Renew their tokens',
    },
  ])
  expect(bucketProblems(troubles, 2)).toMatchObject([
    { where: 'both buckets', short: 'neither bucket could be listed: their tokens are refused' },
  ])
  const many = Array.from({ length: 12 }, (_, index) =>
    troubleOf(`b${index}`, refused(401), { hasAnswered: true }),
  )
  expect(bucketProblems(many, 20)[0]?.where).toBe(
    '12 buckets (b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, and 2 more)',
  )
})

test('what differs stays apart', () => {
  const silent = new DeadlineError({ method: 'GET', url: url('documents'), waitedMs: 60_000 })
  const troubles = [
    troubleOf('photos', refused(401), { hasAnswered: true }),
    troubleOf('videos', refused(403), { hasAnswered: true }),
    troubleOf('documents', silent, { hasAnswered: true }),
  ]
  expect(bucketProblems(troubles, 3).map(({ where, short }) => [where, short])).toEqual([
    ['bucket photos', '`photos` could not be listed: its token is refused'],
    ['bucket videos', '`videos` could not be listed: its token lacks the permission'],
    ['bucket documents', '`documents` could not be listed: the service does not answer'],
  ])
})

test('a bucket that the keys do not open is looked for in its spelling, and not in a token', () => {
  const [trouble] = bucketProblems(
    [troubleOf('photo', refused(401), { hasAnswered: true, isOfKeys: true })],
    2,
  )
  expect(trouble).toEqual({
    where: 'bucket photo',
    message:
      'no bucket of this name for these keys (status 401, NO): check the spelling in `buckets`, then `filebase-access-key` and `filebase-secret-key`',
    short: '`photo` could not be listed: these keys have no such bucket',
    todo: 'Check the spelling of `photo` in `buckets`',
    isError: true,
  })
})
