import { describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import type { Asked } from './asked.ts'
import { haveNamespaces, inNamespace } from './namespace.ts'
import type { Told } from './run.ts'

/** What a run has, by its own report. Who asks a peer in vain waits 15 s for it, in the first round: none did. */
const longestRun = 10

describe.skipIf(!havePeers() || !haveNamespaces())('peers on public addresses that nobody can find', () => {
  test('give all they have in one round, also who only a request names, and are not peered with afterwards', async () => {
    const told = await inNamespace<Told>('./run.ts', ['end'])
    expect(told).toMatchObject({ conclusion: 'ok', pinned: 30, failed: 0, after: 0 })
    expect(told.seconds).toBeLessThan(longestRun)
  })

  test('are not peered with after a run that was cancelled in the middle', async () => {
    const told = await inNamespace<Told>('./run.ts', ['SIGTERM'])
    expect(told).toMatchObject({ conclusion: 'cancelled', failed: 0, during: 2, after: 0 })
    // Of the last that the node has pinned, the run may not have heard.
    expect(told.pinned).toBeGreaterThan(0)
  })

  test('are not peered with after the next run, where one was killed', async () => {
    const told = await inNamespace<Told>('./run.ts', ['SIGKILL'])
    expect(told).toMatchObject({ conclusion: null, during: 2, after: 2, later: 0 })
  })
})

describe.skipIf(!havePeers() || !haveNamespaces())(
  'whom a node asks that is connected at a public address',
  () => {
    test('is who it was peered with when it asked, or when they were connected: on the sandbox as on Kubo', async () => {
      const told = await inNamespace<Record<'sandbox' | 'kubo', Asked>>('./asked.ts', [])
      const asked = {
        connected: false,
        peeredThenPinned: true,
        peeredWhileWaiting: false,
        peeredThenConnectedWhileWaiting: true,
      }
      expect(told).toEqual({ sandbox: asked, kubo: asked })
    })
  },
)
