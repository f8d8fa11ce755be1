import { afterAll, expect, test } from 'vitest'
import { handOverAll } from '../../../../src/backup/in-bulk/hand-over-all.ts'
import type { FailedPin, MissingPin } from '../../../../src/backup/missing-pins.ts'
import { parseCid } from '../../../../src/domain/cid.ts'
import { Http } from '../../../../src/http/http.ts'
import { Cluster } from '../../../../src/node/cluster/cluster.ts'
import { startCluster } from '../../../sandbox/cluster.ts'
import { Cids } from '../../../sandbox/identity.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())
const never = new AbortController().signal

test('100,000 pins are handed over in a request each, and followed in far fewer than one a CID', async () => {
  const count = 100_000
  await using server = await startCluster({ otherwise: { afterMs: 500 } })
  const cids = new Cids(1)
  const asked = { posts: 0, looks: 0, polls: 0, others: 0 }
  server.intercept = ({ method, path, query }) => {
    if (method === 'POST') asked.posts++
    else if (query.has('cids')) asked.looks++
    else if (path === '/pins') asked.polls++
    else asked.others++
    // What was asked is not kept: it is too much.
    server.requests.length = 0
    return undefined
  }
  const due = {
    length: count,
    at(index: number): MissingPin {
      const cid = parseCid(cids.next())
      if (cid === undefined) throw new Error('it is no CID')
      return { index, cid, name: null, bucket: 'main', delegates: [], size: null }
    },
  }
  let pinned = 0
  const failed: FailedPin[] = []
  const edges = {
    node: new Cluster({ http, url: new URL(server.url), authorization: undefined }),
    originsOf: () => [],
    onPinned: () => pinned++,
    onFailed: (failure: FailedPin) => failed.push(failure),
  }
  const options = { concurrency: 32, stallTimeout: 120_000, attempts: 3, signal: never, inTime: never }
  const error = await handOverAll(due, edges, options)
  expect(error).toBe(null)
  expect(failed).toEqual([])
  expect(pinned).toBe(count)
  expect(asked.posts).toBe(count)
  // Before they are given, 100 at a time; and once none is at work on them any more.
  expect(asked.looks).toBeLessThan(count / 10)
  // A poll tells of all that are under way: it is asked for by the clock, and not by CID.
  expect(asked.polls + asked.others).toBeLessThan(count / 10)
}, 900_000)
