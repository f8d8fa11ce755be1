import { expect, test } from 'vitest'
import { Http } from '../../../src/http/http.ts'
import { BucketClient } from '../../../src/service/pinning-service.ts'
import { Cids } from '../../sandbox/identity.ts'
import { filebase, startPinningService } from '../../sandbox/pinning-service.ts'

test.each([
  ['queued', 'pinning'],
  ['queued', 'pinned'],
  ['pinning', 'failed'],
] as const)(
  'a request that goes from %s to %s while each status is asked for alone is not missed, and shown as it is',
  async (from, to) => {
    await using service = await startPinningService({ buckets: { main: 'token' }, manners: filebase })
    const http = new Http('test')
    const client = new BucketClient(
      { name: 'main', token: 'token' },
      {
        http,
        endpoint: new URL(service.url),
        gate: { width: 16, pass: (ask) => ask(), hold: () => true },
      },
    )
    client.asksSingly = true
    const cid = new Cids(1).next()
    const { requestid } = service.bucket('main').add({ cid, status: from })
    const asked: (string | null)[] = []
    service.intercept = ({ query }) => {
      asked.push(query.get('status'))
      // Whoever asked for the old one has its answer, or comes too late.
      if (query.get('status') === to) service.bucket('main').setStatus(requestid, to)
      return undefined
    }
    const page = await client.list({ cids: [cid], limit: 10 }, new AbortController().signal)
    expect(page.requests.map(({ status }) => status)).toEqual([to])
    expect(asked).toEqual(['queued', 'pinning', 'pinned', 'failed'])
    await http.close()
  },
)
