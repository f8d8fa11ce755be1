import { chmodSync, mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { placeOf, type SnapshotPlace } from '../../../src/snapshot-file/place.ts'

/** A folder of its own that is the working directory, as a runner's workspace is, until it is disposed of. */
export class Workspace implements Disposable {
  readonly path: string
  readonly #folder = mkdtempDisposableSync(join(tmpdir(), 'snapshot-'))
  readonly #before = process.cwd()

  constructor() {
    this.path = this.#folder.path
    // Open to all: see `withoutWriting`.
    chmodSync(this.path, 0o755)
    process.chdir(this.path)
  }

  place(config: { snapshotDir?: string; cacheKey?: string; runId?: string } = {}): SnapshotPlace {
    return placeOf({
      cacheKey: config.cacheKey ?? 'ipfs-pin-mirror',
      endpoint: new URL('https://pins.example.org/v1'),
      snapshotDir: config.snapshotDir,
      github: { runId: config.runId ?? '1', runAttempt: '1', workspace: this.path },
    })
  }

  [Symbol.dispose](): void {
    process.chdir(this.#before)
    this.#folder.remove()
  }
}

/** Runs `work` where nothing can be written to a folder: without write permission, and not as root, who needs none. */
export function withoutWriting(folder: string, work: () => void): void {
  const isRoot = process.geteuid?.() === 0
  chmodSync(folder, 0o555)
  if (isRoot) process.seteuid?.(65534)
  try {
    work()
  } finally {
    if (isRoot) process.seteuid?.(0)
    chmodSync(folder, 0o755)
  }
}
