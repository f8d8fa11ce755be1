import type { Snapshot } from '../snapshot/snapshot.ts'

/** What the node can never pin another version of it may: Kubo learns hashes and codecs. Each is tried once by it. */
export function tryWithNewVersion({ facts, ledger }: Snapshot, version: string): void {
  const before = facts.get('nodeVersion')
  if (before === version) return
  if (before !== undefined) ledger.tryNeversAgain('backup', Date.now())
  facts.set('nodeVersion', version)
}
