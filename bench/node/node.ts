import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A node in another process that pins `count` CIDs, and lacks some of those that a service of as many has. */
export class BenchNode implements Disposable {
  readonly url: string
  readonly #process: ChildProcess

  static async start(count: number, lacking: number): Promise<BenchNode> {
    const script = fileURLToPath(new URL('process.ts', import.meta.url))
    const child = fork(script, [String(count), String(lacking)])
    const [{ url }] = (await once(child, 'message')) as [{ url: string }]
    return new BenchNode(child, url)
  }

  private constructor(child: ChildProcess, url: string) {
    this.#process = child
    this.url = url
  }

  [Symbol.dispose](): void {
    this.#process.disconnect()
  }
}
