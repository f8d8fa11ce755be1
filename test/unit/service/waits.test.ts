import { expect, test } from 'vitest'
import { parseCid } from '../../../src/domain/cid.ts'
import { BadAnswerError, NoAnswerError } from '../../../src/errors.ts'
import { Http, type Wait } from '../../../src/http/http.ts'
import { BucketClient } from '../../../src/service/pinning-service.ts'
import { RateLimit } from '../../../src/service/rate-limit.ts'
import { sendOne } from '../../../src/update/sending/send-one.ts'
import { Cids } from '../../sandbox/identity.ts'
import { type PinningService, startPinningService } from '../../sandbox/pinning-service.ts'

/** What is told of waits until the first of them, which ends the work. */
async function firstWaitOf(
  service: PinningService,
  work: (client: BucketClient, signal: AbortSignal) => Promise<unknown>,
): Promise<Wait[]> {
  const ending = new AbortController()
  const waits: Wait[] = []
  const onWait = (wait: Wait) => {
    waits.push(wait)
    ending.abort(new Error('one is enough'))
  }
  const http = new Http('test', { events: { onWait } })
  using gate = new RateLimit(1000)
  const endpoint = new URL(service.url)
  const client = new BucketClient({ name: 'photos', token: 'token' }, { http, endpoint, gate })
  await expect(work(client, ending.signal)).rejects.toThrow('one is enough')
  await http.close()
  return waits
}

const waited = (service: PinningService, error: unknown) => [
  { url: new URL(service.url).href, ms: expect.any(Number), error: expect.any(error) },
]

test('a wait is told before a service that cannot be reached is asked to pin again', async () => {
  await using service = await startPinningService({ buckets: { photos: 'token' } })
  await service.stop()
  const cid = parseCid(new Cids(1).next()) ?? expect.fail('it parses')
  const waits = await firstWaitOf(service, (client, signal) =>
    sendOne(
      client,
      { cid, name: null, bucket: 'photos', failed: null },
      {
        origins: [],
        until: { signal, notAfter: signal },
        note: { write: () => {}, withdraw: () => {}, takeBack: () => {}, answer: () => {} },
      },
    ),
  )
  expect(waits).toEqual(waited(service, NoAnswerError))
})

test('and before a list is asked for again whose answer cannot be read', async () => {
  await using service = await startPinningService({ buckets: { photos: 'token' } })
  service.intercept = () => ({ status: 200, body: '<html>' })
  const waits = await firstWaitOf(service, (client, signal) =>
    client.list({ limit: 1, statuses: ['pinned'] }, signal),
  )
  expect(waits).toEqual(waited(service, BadAnswerError))
})
