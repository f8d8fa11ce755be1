import { expect, test } from 'vitest'
import { Http } from '../../../src/http/http.ts'
import { BucketClient } from '../../../src/service/pinning-service.ts'
import type { PacedGate } from '../../../src/service/rate-limit.ts'
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
    let atOnce = 0
    let mostAtOnce = 0
    const gate: PacedGate = {
      width: 16,
      hold: () => 0,
      async pass(ask) {
        mostAtOnce = Math.max(mostAtOnce, ++atOnce)
        const answer = await ask()
        atOnce--
        return answer
      },
    }
    const endpoint = new URL(service.url)
    const client = new BucketClient({ name: 'main', token: 'token' }, { http, endpoint, gate })
    client.manners.asksSingly = true
    const cid = new Cids(1).next()
    const { requestid } = service.bucket('main').add({ cid, status: from })
    const asked: (string | null)[] = []
    service.intercept = ({ query }) => {
      asked.push(query.get('status'))
      if (query.get('status') === to) service.bucket('main').setStatus(requestid, to)
      return undefined
    }
    const page = await client.list({ cids: [cid], limit: 10 }, new AbortController().signal)
    expect(page.requests.map(({ status }) => status)).toEqual([to])
    expect(asked).toEqual(['queued', 'pinning', 'pinned', 'failed'])
    // Were it asked for both at once, the answers could pass each other.
    expect(mostAtOnce).toBe(1)
    await http.close()
  },
)
