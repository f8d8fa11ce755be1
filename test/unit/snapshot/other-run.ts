import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Another process that works on a snapshot: `writer.ts`. */
export class OtherRun implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  /** @param onFullDisk it may not write to any file */
  constructor(path: string, mirror: string, { onFullDisk = false } = {}) {
    const script = new URL('writer.ts', import.meta.url).pathname
    const limits = onFullDisk ? "trap '' XFSZ; ulimit -f 0; " : ''
    const command = ['-c', `${limits}exec "$0" "$@"`, process.execPath, script, path, mirror]
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
