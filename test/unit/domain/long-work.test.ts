import { expect, test } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { compare } from '../../../src/domain/compare.ts'
import { atOnce, type LongWork, stepsAtATime } from '../../../src/domain/long-work.ts'
import { NodePins } from '../../../src/domain/node-pins.ts'
import { planBackup } from '../../../src/domain/plan-backup.ts'
import { planUpdate } from '../../../src/domain/plan-update.ts'
import { schedule } from '../../../src/domain/schedule.ts'
import { inSlices } from '../../../src/in-slices.ts'
import { Cids } from '../../sandbox/identity.ts'
import { listedRequest } from './listed-request.ts'

const count = 4 * stepsAtATime
const texts = new Cids(1).take(count)

/** How often it lets others have their turn. */
function turnsIn(work: LongWork<unknown>): number {
  let turns = 0
  while (work.next().done !== true) turns++
  return turns
}

const nodeWithAll = () => {
  const pins = new NodePins()
  for (const text of texts) pins.add(parseCid(text)?.key as CidKey, { isV0: false, name: null })
  return pins
}
const requests = () => texts.values().map((text) => listedRequest(text))
const ignore = new Map()

test('holding both sides against each other lets others have their turn after so many requests', () => {
  expect(turnsIn(compare(new NodePins(), [requests(), requests()]))).toBeGreaterThanOrEqual(7)
})

test('each plan lets others have their turn after so many CIDs, and so does scheduling it', () => {
  const lackedByNode = atOnce(compare(new NodePins(), [requests()]))
  expect(turnsIn(planBackup(lackedByNode, [{ name: 'a', at: () => [] }], ignore))).toBeGreaterThanOrEqual(3)
  const lackedByService = atOnce(compare(nodeWithAll(), []))
  const options = {
    targetBucket: 'a',
    failedRequests: [],
    ignore,
    isNameWanted: () => true,
    inDoubt: new Map(),
  }
  expect(turnsIn(planUpdate(lackedByService, options))).toBeGreaterThanOrEqual(3)
  const { missing } = atOnce(planUpdate(lackedByService, options))
  expect(turnsIn(schedule(missing, new Map(), 0))).toBeGreaterThanOrEqual(3)
})

test('in slices, timers and signals have their turn, and what is left is given up at an abort', async () => {
  const events: string[] = []
  function* work(): LongWork<string> {
    try {
      for (let slice = 0; slice < 3; slice++) {
        events.push(`slice ${slice}`)
        yield
      }
      return 'done'
    } finally {
      events.push('closed')
    }
  }
  setImmediate(() => events.push('another'))
  expect(await inSlices(work())).toBe('done')
  expect(events).toEqual(['slice 0', 'another', 'slice 1', 'slice 2', 'closed'])

  events.length = 0
  const stop = new AbortController()
  setImmediate(() => stop.abort(new Error('enough')))
  await expect(inSlices(work(), stop.signal)).rejects.toThrow('enough')
  expect(events).toEqual(['slice 0', 'closed'])
})
