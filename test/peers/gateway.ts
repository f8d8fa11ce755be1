import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'

/** What becomes of a CAR on its way. `limit`: the first requests are refused for their rate. */
export type Manner = 'honest' | 'alters' | 'cuts' | 'hangs' | 'limits' | 'is silent'

/** What stands before a real gateway, and may spoil what it gives. */
export class GatewayProxy implements AsyncDisposable {
  manner: Manner = 'honest'
  /** The paths that were asked for, and what for. */
  readonly asked: { readonly path: string; readonly accept: string | undefined }[] = []
  /** So many more requests are refused for their rate, where it limits. */
  refusals = 2
  readonly #to: string
  readonly #server: Server
  readonly #gone = new AbortController()

  private constructor(to: string) {
    this.#to = to
    this.#server = createServer((message, response) => {
      this.asked.push({ path: message.url ?? '', accept: message.headers.accept })
      this.#answer(message.url ?? '', message.headers.accept ?? '', response).catch(() => response.destroy())
    })
  }

  static async before(to: string): Promise<GatewayProxy> {
    const proxy = new GatewayProxy(to)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone.abort()
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #answer(path: string, accept: string, response: ServerResponse): Promise<void> {
    if (this.manner === 'is silent') return
    if (this.manner === 'limits' && this.refusals-- > 0) {
      response.writeHead(429, { 'retry-after': '1' }).end()
      return
    }
    const given = await request(`${this.#to}${path}`, { headers: { accept } })
    const car = Buffer.from(await given.body.arrayBuffer())
    response.writeHead(given.statusCode, { 'content-type': String(given.headers['content-type']) })
    if (given.statusCode !== 200 || this.manner === 'honest' || this.manner === 'limits')
      return void response.end(car)
    if (this.manner === 'alters') {
      car.writeUInt8(car.readUInt8(car.length - 1) ^ 1, car.length - 1)
      return void response.end(car)
    }
    response.write(car.subarray(0, car.length / 2))
    if (this.manner === 'cuts') {
      // So that what was written has left by then.
      await sleep(100, undefined, { signal: this.#gone.signal })
      response.destroy()
    }
  }
}
