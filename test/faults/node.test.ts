import './hurried.ts'
import { describe, expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { Box } from './box.ts'
import { type FaultName, harm, heal } from './faults.ts'

const isSilent = /does not answer \(nothing for/
const isNotKubo = /not answer .* as Kubo does/
const isBehind = /behind .* does not answer \(status/
const isOther = /is not Kubo's RPC API/

/**
 * The fault; what the run's error says where each request meets it, if any; what a run comes to of which only the first
 * request does. One that has to wait for ten minutes is cancelled. Of a gigantic answer it depends on whether its length
 * or its time ends first. Where each `pin/add` meets it, the run ends with an error and no CID is blamed, but for `drips`.
 */
const table: readonly [FaultName, RegExp | 'ok' | 'cancelled', 'ok' | 'error' | 'cancelled' | undefined][] = [
  ['refused connections', /ECONNREFUSED/, 'error'],
  ['a connection that is reset', /does not answer \((read ECONNRESET|other side closed)/, 'ok'],
  ['a connection that is closed', /other side closed/, 'ok'],
  ['half of an answer', /other side closed/, 'ok'],
  ['silence', isSilent, 'ok'],
  ['silence after half of an answer', isSilent, 'ok'],
  ['an answer in drips', 'ok', 'ok'],
  ['an answer that never ends', isSilent, 'ok'],
  ['a gigantic answer', /larger than|does not answer/, undefined],
  ['a gzip bomb', isNotKubo, 'error'],
  ['a redirect', isOther, 'error'],
  ['a page of HTML', isNotKubo, 'error'],
  ['an empty answer', isNotKubo, 'error'],
  ['a list where an object belongs', isNotKubo, 'error'],
  ['null', isNotKubo, 'error'],
  ['fields of other types', isNotKubo, 'error'],
  ['401', /Check node-authorization/, 'error'],
  ['403', /Check node-authorization/, 'error'],
  ['404', isOther, 'error'],
  ['500', isOther, 'error'],
  ['502 with HTML', isBehind, 'ok'],
  ['503 with Retry-After', isBehind, 'ok'],
  ['504', isBehind, 'ok'],
  ['429 with seconds', isBehind, 'ok'],
  ['429 with a date', isBehind, 'ok'],
  ['429 with a date that has passed', isBehind, 'ok'],
  ['429 with negative seconds', isBehind, 'ok'],
  ['429 with a huge number', 'cancelled', 'cancelled'],
  ['429 with words', isBehind, 'ok'],
  ['429 with nothing', isBehind, 'ok'],
]

const backup = { direction: 'backup', 'stall-timeout': '1m', attempts: '2' }
/** The node lacks two CIDs, and pins one of its own. */
async function start(): Promise<{ box: Box; cids: readonly string[] }> {
  const box = await Box.start()
  const [own = '', ...missing] = new Cids(1).take(3)
  box.node.pin(own)
  for (const cid of missing) box.photos.add({ cid })
  return { box, cids: [own, ...missing].toSorted() }
}

/** Nothing is held against a CID, and the next run, which finds the node well, does all. */
async function expectAllThere(box: Box, cids: readonly string[]): Promise<void> {
  expect(box.count('failure')).toBe(0)
  await heal(box.node)
  expect(await box.run({ inputs: backup })).toMatchObject({ conclusion: 'ok', errors: [] })
  expect([...box.node.pins.keys()].toSorted()).toEqual(cids)
}

describe('whenever the node is asked', () => {
  test.each(table)('%s: no CID is blamed, and the next run goes on', async (fault, every) => {
    const { box, cids } = await start()
    await using _ = box
    const cancel = new AbortController()
    await harm(box.node, fault, { onHit: () => every === 'cancelled' && cancel.abort() })
    const report = await box.run({ inputs: backup, signal: cancel.signal })
    if (every === 'cancelled') expect(report.conclusion).toBe('cancelled')
    else if (every !== 'ok') {
      const errors = [{ where: 'node', message: expect.stringMatching(every) }]
      expect(report).toMatchObject({ conclusion: 'error', errors, node: null, backup: { missing: 0 } })
    }
    await expectAllThere(box, cids)
  })
})

describe('the first time that the node is asked', () => {
  test.each(table)('%s: asked again where that may help', async (fault, _every, first) => {
    const { box, cids } = await start()
    await using _ = box
    const cancel = new AbortController()
    await harm(box.node, fault, { most: 1, onHit: () => first === 'cancelled' && cancel.abort() })
    const report = await box.run({ inputs: backup, signal: cancel.signal })
    expect(report.conclusion).toBeOneOf(first === undefined ? ['ok', 'error'] : [first])
    expect(report.errors).toHaveLength(report.conclusion === 'error' ? 1 : 0)
    await expectAllThere(box, cids)
  })
})

const isAdd = ({ path }: { path: string }) => path.endsWith('/pin/add')
const adds = table.map(([fault]) => fault).filter((fault) => fault !== 'refused connections')

describe('whenever a CID is pinned', () => {
  test.each(adds)('%s: the node is at fault, and no CID', async (fault) => {
    const { box, cids } = await start()
    await using _ = box
    await harm(box.node, fault, { isHit: isAdd })
    const report = await box.run({ inputs: backup })
    if (fault === 'an answer in drips') expect(report).toMatchObject({ conclusion: 'ok', errors: [] })
    else
      expect(report).toMatchObject({
        conclusion: 'error',
        errors: [{ where: 'node' }],
        backup: { missing: 2, pinned: [], failed: [], pending: { length: 2 } },
      })
    await expectAllThere(box, cids)
  })
})

describe('the first time that a CID is pinned', () => {
  test.each(adds)('%s: it is tried again, and pinned', async (fault) => {
    const { box, cids } = await start()
    await using _ = box
    await harm(box.node, fault, { isHit: isAdd, most: 1 })
    expect(await box.run({ inputs: backup })).toMatchObject({
      conclusion: 'ok',
      errors: [],
      backup: { missing: 2, pinned: { length: 2 } },
    })
    await expectAllThere(box, cids)
  })
})
