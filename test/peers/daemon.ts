import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
// Without a listener these end the process, but not by its exit event.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

/** Sees to it that a program does not outlive this process, also when a test fails. */
export function endWithThisProcess(child: ChildProcess): void {
  running.add(child)
  child.once('close', () => running.delete(child))
}

/** Thrown where a program ended at its start since another one has a port that it was told to take. */
class PortTaken extends Error {
  override name = 'PortTaken'
}

/**
 * Starts what needs ports that it cannot choose itself, time after time until nobody was quicker to take one of them.
 * A minute at least: who restarts on the ports it had waits for those who got them meanwhile.
 */
export async function untilPortsAreFree<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof PortTaken) || tries === 60) throw error
      await sleep(1000)
    }
  }
}

/** A long-running program that a test started. */
export class Daemon implements AsyncDisposable {
  readonly #name: string
  readonly #child: ChildProcess
  /** Resolves once it has ended and all that it said is read. */
  readonly #closed: Promise<unknown>
  #output = ''

  constructor(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#name = `${program} ${args.join(' ')}`
    this.#child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    endWithThisProcess(this.#child)
    this.#closed = once(this.#child, 'close')
    const keep = (text: Buffer) => {
      this.#output = (this.#output + text).slice(-20_000)
    }
    this.#child.stdout?.on('data', keep)
    this.#child.stderr?.on('data', keep)
  }

  /** Waits until `isReady`, given the daemon's output so far, is true; throws where it ends or is silent instead. */
  async ready(isReady: (output: string) => boolean | Promise<boolean>): Promise<void> {
    const end = Date.now() + 180_000
    while (!(await isReady(this.#output))) {
      if (this.#ended || Date.now() > end) {
        const what = this.#ended ? 'ended at its start' : 'was not ready after three minutes'
        await this.kill()
        const message = `${this.#name} ${what}:\n${this.#output}`
        throw this.#output.includes('address already in use') ? new PortTaken(message) : new Error(message)
      }
      await sleep(50)
    }
  }

  /** Ends it in its own way; by force where that takes longer than 10 s. */
  async stop(): Promise<void> {
    const force = setTimeout(() => this.#child.kill('SIGKILL'), 10_000)
    await this.#end('SIGTERM')
    clearTimeout(force)
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.#ended) this.#child.kill(signal)
    await this.#closed
  }
}
