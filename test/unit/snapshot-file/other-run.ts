import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { SnapshotPlace } from '../../../src/snapshot-file/place.ts'
import type { FolderCache } from './folder-cache.ts'

/** A script of this folder in a process of its own. */
class OtherProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  /** @param mostWritten KiB beyond which no file can grow, as on a full disk */
  constructor(script: URL, args: readonly string[], mostWritten?: number) {
    const limits = mostWritten === undefined ? '' : `trap '' XFSZ; ulimit -f ${mostWritten * 2}; `
    const command = ['-c', `${limits}exec "$0" "$@"`, process.execPath, script.pathname, ...args]
    this.#child = spawn('sh', command, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[
      Symbol.asyncIterator
    ]()
  }

  /** The next line that it says; `undefined` once it has ended. */
  async says(): Promise<string | undefined> {
    const { done, value } = await this.#lines.next()
    return done ? undefined : value
  }

  /** SIGKILL: it can do nothing about it. Returns the lines not read yet. */
  async kill(): Promise<string[]> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    const lines: string[] = []
    for (let line = await this.says(); line !== undefined; line = await this.says()) lines.push(line)
    await exited
    return lines
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill()
  }
}

/** Another run on a snapshot: `writer.ts`. */
export class OtherRun extends OtherProcess {
  /** @param mostWritten see `OtherProcess` */
  constructor(path: string, mirror: string, mostWritten?: number) {
    super(new URL('writer.ts', import.meta.url), [path, mirror], mostWritten)
  }
}

/** A restore or a post step: `step.ts`. */
export class OtherStep extends OtherProcess {
  constructor(step: 'restore' | 'keep', place: SnapshotPlace, cache: FolderCache, mostWritten?: number) {
    super(new URL('step.ts', import.meta.url), [step, JSON.stringify(place), cache.folder], mostWritten)
  }
}
