import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Order, Told } from './process.ts'

/** How long a service takes to answer, ms: so long for any request, and so long for each row that it gives. */
const latency = { ms: 300, msPerRow: 0.1 }

/** A pinning service in another process, with a bucket `main` whose token is `token`. */
export class BenchService implements Disposable {
  readonly url: string
  readonly #process: ChildProcess

  /** @param count requests in its bucket */
  static async start(count: number): Promise<BenchService> {
    const script = fileURLToPath(new URL('process.ts', import.meta.url))
    const child = fork(script, [String(count), JSON.stringify(latency)])
    const [{ url }] = (await once(child, 'message')) as [Told]
    return new BenchService(child, url)
  }

  private constructor(child: ChildProcess, url: string) {
    this.#process = child
    this.url = url
  }

  /** Lets something happen at the service. */
  async order(order: Order): Promise<Told> {
    this.#process.send(order)
    const [told] = (await once(this.#process, 'message')) as [Told]
    return told
  }

  [Symbol.dispose](): void {
    this.#process.disconnect()
  }
}
