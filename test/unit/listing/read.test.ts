import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { Http } from '../../../src/http/http.ts'
import { listBucket } from '../../../src/listing/list-bucket.ts'
import { BucketClient } from '../../../src/service/pinning-service.ts'
import type { PacedGate } from '../../../src/service/rate-limit.ts'
import { BucketRequests } from '../../../src/snapshot/bucket/requests.ts'
import { DelegateBook } from '../../../src/snapshot/delegates.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { Cids } from '../../sandbox/identity.ts'
import { filebase, startPinningService } from '../../sandbox/pinning-service.ts'

const start = Date.parse('2023-05-01T00:00:00Z')

/** Once the bounds are known, lets two of them come back in one turn: the second fails, so many steps after the first. */
function gateOfTwo(steps: number): PacedGate {
  const bothAreBack = Promise.withResolvers<void>()
  let inFlight = 0
  let back = 0
  let passed = 0
  return {
    width: 16,
    hold: () => 0,
    async pass(ask) {
      inFlight++
      const answer = await ask()
      const areTwo = inFlight-- > 1 && ++passed > 20
      if (back === 1) {
        back++
        bothAreBack.resolve()
        for (let step = 0; step < steps; step++) await undefined
        throw new Error('the second fails')
      }
      if (back === 0 && areTwo) {
        back++
        await bothAreBack.promise
      }
      return answer
    },
  }
}

test('a window that fails in the same turn as another is read is not taken for read', async () => {
  const manners = { ...filebase, delegates: [], maxLimit: 20 }
  await using service = await startPinningService({ buckets: { main: 'token' }, manners, seed: 1 })
  const created = Array.from({ length: 1000 }, (_, index) => start + index * 10_000)
  const cids = new Cids(1)
  service.bucket('main').addAll(created.map((instant) => ({ cid: cids.next(), created: instant })))
  const http = new Http('test')
  const endpoint = new URL(service.url)
  const bucket = { name: 'main', token: 'token' }
  const signal = new AbortController().signal
  // As many steps as there are between a request and who reads the window.
  for (let steps = 0; steps < 25; steps++) {
    using db = new DatabaseSync(':memory:')
    migrate(db)
    const client = new BucketClient(bucket, { http, endpoint, gate: gateOfTwo(steps) })
    const requests = new BucketRequests(db, 'main', new DelegateBook(db, Date.now()))
    const options = { client, requests, run: 1, full: false, signal, onProgress: () => {} }
    await expect(listBucket(options), `after ${steps} steps`).rejects.toThrow('the second fails')
  }
  await http.close()
})
