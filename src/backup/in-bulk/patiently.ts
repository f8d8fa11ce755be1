import { setTimeout as sleep } from 'node:timers/promises'
import { NodeError } from '../../errors.ts'
import type { BackupEvents } from '../missing-pins.ts'

/** A node that does not answer may come back within so long, in ms. */
const longest = 10_000

/** Asks again what gets no answer, for a while: a peer that restarts is waited for. */
export async function patiently<T>(
  ask: () => Promise<T>,
  {
    stallTimeout,
    signal,
    onAway,
  }: { readonly stallTimeout: number; readonly signal: AbortSignal } & Pick<BackupEvents, 'onAway'>,
): Promise<T> {
  const wait = Math.min(longest, stallTimeout)
  let isAway = false
  for (const until = performance.now() + wait; ; ) {
    try {
      return await ask()
    } catch (error) {
      const mayPass = error instanceof NodeError && error.fault === 'unreachable'
      if (!mayPass || signal.aborted || performance.now() >= until) throw error
      if (!isAway) onAway?.(wait)
      isAway = true
      await sleep(wait / 10, undefined, { signal })
    }
  }
}
