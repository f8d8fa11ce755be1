import { afterAll, expect, test } from 'vitest'
import { BadAnswerError } from '../../../src/errors.ts'
import { Http } from '../../../src/http/http.ts'
import { readRequest } from '../../../src/service/answers.ts'
import { BucketClient } from '../../../src/service/pinning-service.ts'
import { RateLimit } from '../../../src/service/rate-limit.ts'
import { Cids } from '../../sandbox/identity.ts'
import { startPinningService } from '../../sandbox/pinning-service.ts'

const http = new Http('test')
afterAll(() => http.close())
const signal = new AbortController().signal
const cid = new Cids(1).next()

test.each(['..', '.', '../..', 'a/../../b', '%2e%2e', '%2E', 'a/b', '..%2f..', '?limit=1', '#x', '\\..\\'])(
  'a requestid never changes the path: %s',
  async (requestid) => {
    await using service = await startPinningService({ buckets: { photos: 'token' } })
    using gate = new RateLimit(1000)
    const endpoint = new URL(service.url)
    const client = new BucketClient({ name: 'photos', token: 'token' }, { http, endpoint, gate })
    const isStep = requestid === '.' || requestid === '..'
    for (const ask of [
      () => client.get(requestid, signal),
      () => client.replace(requestid, { cid }, { signal, notAfter: signal }),
    ])
      await ask().catch((error) => expect(error instanceof BadAnswerError).toBe(isStep))
    const paths = service.requests.map(({ path }) => path)
    expect(paths).toEqual(isStep ? [] : Array(2).fill(`/v1/ipfs/pins/${encodeURIComponent(requestid)}`))
  },
)

test('a request with such a requestid is an odd one', () => {
  const request = { status: 'pinned', created: '2024-01-01T00:00:00Z', pin: { cid } }
  expect(() => readRequest({ ...request, requestid: '..' })).toThrow('requestid')
  expect(() => readRequest({ ...request, requestid: 'id-***-2' })).toThrow('holds a secret')
  expect(readRequest({ ...request, requestid: '...' })).toMatchObject({ requestid: '...' })
})
