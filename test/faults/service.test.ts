import { describe, expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import type { RecordedRequest } from '../sandbox/server.ts'
import { Box } from './box.ts'
import { type FaultName, harm, heal } from './faults.ts'
import { speed } from './hurried.ts'

/** What becomes of a CID that is sent; `held`: it waits for its turn until the run is cancelled. */
type Sent = keyof typeof outcomes
const outcomes = {
  pinned: { conclusion: 'ok', update: { pinned: { length: 1 } } },
  pending: { conclusion: 'ok', update: { pending: { length: 1 } } },
  failed: { conclusion: 'failed-pins', update: { failed: { length: 1 } } },
  unsent: { conclusion: 'error', errors: [{ where: 'service' }], update: { unsent: { length: 1 } } },
  held: { conclusion: 'cancelled', update: { pinned: [], failed: [] } },
} as const

const isNoJson = /the answer is not JSON/
const isOdd = /expected (object|number)/

/**
 * The fault; what the run's error says where each request meets it, or the request at which it is cancelled, as it would
 * ask on for long; what a run comes to of which only the first request meets it; and what becomes of a CID where each
 * POST does, if that can be. What is in doubt is pending: it may have been bought.
 */
const table: readonly [FaultName, RegExp | 'ok' | number, 'ok' | 'error' | 'cancelled', Sent | undefined][] =
  [
    ['refused connections', /ECONNREFUSED/, 'error', undefined],
    ['a connection that is reset', /ECONNRESET|other side closed/, 'ok', 'pending'],
    ['a connection that is closed', /other side closed/, 'ok', 'pending'],
    ['half of an answer', /other side closed/, 'ok', 'pinned'],
    ['silence', 2, 'ok', 'pending'],
    ['silence after half of an answer', 2, 'ok', 'pinned'],
    ['an answer in drips', 'ok', 'ok', 'pinned'],
    ['an answer that never ends', 2, 'ok', 'pending'],
    ['a gigantic answer', /larger than|no answer/, 'ok', 'pending'],
    ['a gzip bomb', isNoJson, 'ok', 'pending'],
    ['a redirect', /no redirect is followed with a token/, 'error', 'unsent'],
    ['a page of HTML', isNoJson, 'ok', 'pending'],
    ['an empty answer', isNoJson, 'ok', 'pending'],
    ['a list where an object belongs', isOdd, 'ok', 'pending'],
    ['null', isOdd, 'ok', 'pending'],
    ['fields of other types', isOdd, 'ok', 'pending'],
    ['401', /check its line in `buckets`/, 'error', 'unsent'],
    ['403', /check the plan and the token’s rights/, 'error', 'failed'],
    ['404', /check `endpoint`/, 'error', 'failed'],
    ['500', /status 500/, 'ok', 'pending'],
    ['502 with HTML', /status 502/, 'ok', 'pending'],
    ['503 with Retry-After', 3, 'ok', 'pending'],
    ['504', /status 504/, 'ok', 'pending'],
    ['429 with seconds', 3, 'ok', 'held'],
    ['429 with a date', 3, 'ok', 'held'],
    ['429 with a date that has passed', 3, 'ok', 'held'],
    ['429 with negative seconds', 3, 'ok', 'held'],
    ['429 with a huge number', 1, 'cancelled', 'held'],
    ['429 with words', 3, 'ok', 'held'],
    ['429 with nothing', 3, 'ok', 'held'],
  ]

const isPost = ({ method }: RecordedRequest) => method === 'POST'
/** The node lacks one CID, and the service another. */
async function start(): Promise<{ box: Box; cids: readonly string[] }> {
  const box = await Box.start({ settle: () => ({ status: 'pinned', after: { requests: 1 } }) })
  const [onlyThere = '', onlyHere = ''] = new Cids(1).take(2)
  box.photos.add({ cid: onlyThere })
  box.node.pin(onlyHere)
  return { box, cids: [onlyThere, onlyHere].toSorted() }
}

const both = { direction: 'both', 'settle-timeout': '20s' }

/** The next run, an hour later, finds the service well: then all is there once. */
async function expectAllThere(box: Box, cids: readonly string[]): Promise<void> {
  await heal(box.service)
  box.letDoubtsEnd()
  expect(await box.run({ inputs: both, isManual: true })).toMatchObject({ conclusion: 'ok', errors: [] })
  expect([...box.node.pins.keys()].toSorted()).toEqual(cids)
  expect(
    box.photos
      .rows()
      .map(({ cid }) => cid)
      .toSorted(),
  ).toEqual(cids)
  expect([box.count('failure'), box.count('sent')]).toEqual([0, 0])
}

describe('whenever the service is asked', () => {
  test.each(table)('%s: nothing is pinned or bought, and the next run goes on', async (fault, every) => {
    const { box, cids } = await start()
    await using _ = box
    const cancel = new AbortController()
    await harm(box.service, fault, { onHit: (nth) => nth === every && cancel.abort() })
    const report = await box.run({ inputs: both, signal: cancel.signal })
    if (every !== 'ok') {
      if (typeof every === 'number') expect(report.conclusion).toBe('cancelled')
      else
        expect(report).toMatchObject({
          conclusion: 'error',
          errors: [{ where: 'bucket photos', message: expect.stringMatching(every) }],
        })
      expect(report).toMatchObject({
        buckets: [{ listing: { complete: false } }],
        backup: { pinned: [], failed: [] },
      })
      expect(box.service.requests.filter(isPost)).toEqual([])
      expect(box.node.pins.size).toBe(1)
    }
    await expectAllThere(box, cids)
  })
})

describe('the first time that the service is asked', () => {
  test.each(table)('%s: asked again where that may help', async (fault, _every, first) => {
    const { box, cids } = await start()
    await using _ = box
    const cancel = new AbortController()
    await harm(box.service, fault, { most: 1, onHit: () => first === 'cancelled' && cancel.abort() })
    const report = await box.run({ inputs: both, signal: cancel.signal })
    expect(report.conclusion).toBe(first)
    expect(report.errors).toHaveLength(first === 'error' ? 1 : 0)
    if (first === 'ok') expect(report).toMatchObject({ backup: { pinned: [{}] }, update: { pinned: [{}] } })
    await expectAllThere(box, cids)
  })
})

describe('whenever a CID is sent', () => {
  const rows = table.flatMap(([fault, , , sent]) => (sent === undefined ? [] : [[fault, sent] as const]))
  test.each(rows)('%s: it is %s, and bought once', async (fault, sent) => {
    const { box, cids } = await start()
    await using _ = box
    const cancel = new AbortController()
    // Once it was refused it is held; a huge number holds it for ten minutes.
    const last = fault === '429 with a huge number' ? 1 : 3
    const onHit = (nth: number) => sent === 'held' && nth === last && cancel.abort()
    await harm(box.service, fault, { isHit: isPost, onHit })
    const report = await box.run({ inputs: both, signal: cancel.signal })
    expect(report).toMatchObject({ ...outcomes[sent], backup: { pinned: [{ cid: expect.any(String) }] } })
    // A second run right after it sends nothing that may have been bought.
    await heal(box.service)
    const before = box.photos.size
    if (sent === 'pending') await box.run({ inputs: both })
    expect(box.photos.size).toBe(before)
    await expectAllThere(box, cids)
  })
})

test.each<[FaultName, number]>([
  ['429 with seconds', 1],
  ['503 with Retry-After', 1],
])('%s is waited for', async (fault, seconds) => {
  const { box } = await start()
  await using _ = box
  await harm(box.service, fault, { most: 1 })
  await box.run({ inputs: both })
  const [refused, next] = box.service.requests
  expect((next?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual((seconds * 1000) / speed - 1)
})

test.each<[FaultName, number]>([
  ['a page of HTML', 4],
  ['fields of other types', 4],
  ['403', 1],
  ['404', 1],
  ['a redirect', 1],
])('%s is asked no more often than may help', async (fault, asked) => {
  const { box } = await start()
  await using _ = box
  await harm(box.service, fault)
  await box.run({ inputs: both })
  expect(box.service.requests).toHaveLength(asked)
  expect(box.service.requests.map(({ path }) => path)).not.toContain('/elsewhere')
})
