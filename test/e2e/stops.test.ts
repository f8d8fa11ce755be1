import { describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { startHeartbeat } from '../sandbox/heartbeat.ts'
import { type Act, listingOf, reportOf } from './act.ts'
import { files } from './content.ts'
import { Stage } from './stage.ts'

const total = 300

describe.skipIf(!havePeers())('a run that does not come to its end, under act', () => {
  test('killed in the middle of the pins, goes on in the next run without listing anew', async () => {
    await using stage = await Stage.set()
    const { act, missing } = await startOf(stage, stage.inputs)

    await act.kill()
    const killed = await act.outcome

    expect(killed).toMatchObject({ succeeded: false, report: undefined, post: 'success' })
    await expectTheRest(stage, stage.inputs, missing)
  })

  test('killed together with the runner, goes on from the snapshot on the box', async () => {
    await using stage = await Stage.set()
    const inputs = { ...stage.inputs, cache: 'false', 'snapshot-dir': await stage.folder() }
    const { act, missing } = await startOf(stage, inputs)

    await act.crash()

    await expectTheRest(stage, inputs, missing)
  })

  test('cancelled, stops before it is killed, says what it did and keeps the snapshot', async () => {
    await using stage = await Stage.set()
    await using heartbeat = await startHeartbeat()
    const inputs = { ...stage.inputs, 'heartbeat-url': heartbeat.url }
    const { act, missing, pinsBefore } = await startOf(stage, inputs)

    await act.cancel()
    const cancelled = await act.outcome

    expect(cancelled).toMatchObject({
      succeeded: false,
      post: 'success',
      outputs: { conclusion: 'cancelled', missing: String(total) },
    })
    const report = reportOf(cancelled)
    expect(report).toMatchObject({ conclusion: 'cancelled', backup: { missing: total, failed: [] } })
    const { pinned = [], pending = [] } = report.backup ?? {}
    expect(pinned.length + pending.length).toBe(total)
    expect(pending.length).toBeGreaterThan(0)
    // The node may have finished one more than it could still say.
    expect((await stage.node.pins()).size - pinsBefore - pinned.length).toBeOneOf([0, 1])
    expect(cancelled.summary).not.toBe('')
    expect(heartbeat.requests).toEqual([])
    await expectTheRest(stage, stage.inputs, missing)
  })
})

/** Starts a run with `total` CIDs to pin, one at a time, and waits until some of them are pinned. */
async function startOf(
  stage: Stage,
  inputs: Readonly<Record<string, string>>,
): Promise<{ act: Act; missing: readonly string[]; pinsBefore: number }> {
  const missing = await stage.publish(files('file', total, 3_000))
  const pinsBefore = (await stage.node.pins()).size
  const act = await stage.runner.start({ event: 'schedule', inputs: { ...inputs, concurrency: '1' } })
  await act.until(async () => (await stage.node.pins()).size > pinsBefore + 20)
  return { act, missing, pinsBefore }
}

async function expectTheRest(
  stage: Stage,
  inputs: Readonly<Record<string, string>>,
  missing: readonly string[],
): Promise<void> {
  const outcome = await stage.runner.run({ event: 'schedule', inputs })
  expect(outcome).toMatchObject({ succeeded: true, outputs: { conclusion: 'ok' } })
  expect(listingOf(outcome)).toMatchObject({ mode: 'incremental', complete: true, added: 0 })
  expect(listingOf(outcome).httpRequests).toBeLessThanOrEqual(4)
  const backup = reportOf(outcome).backup
  expect(backup?.missing).toBeGreaterThan(0)
  expect(backup?.missing).toBeLessThan(total)
  expect([...(await stage.node.pins()).keys()]).toEqual(expect.arrayContaining([...missing]))
}
