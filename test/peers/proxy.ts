import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a proxy asks itself about a request. */
export interface Proxied {
  readonly path: string
  readonly query: URLSearchParams
}

/**
 * What a proxy does in the place of passing a request on: a page of its own, a connection that is reset, no answer at
 * all; or it passes it on and holds the answer back until its end.
 */
export type ProxyFault = { readonly status: number; readonly page: string } | 'reset' | 'hang' | 'hold'

export const badGateway = {
  status: 502,
  page: '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>',
} as const satisfies ProxyFault

/** A reverse proxy on loopback that stands before a real peer and has the faults that a test wants. */
export class ReverseProxy implements AsyncDisposable {
  /** `undefined` passes it on as it is. */
  fault: (request: Proxied) => ProxyFault | undefined = () => undefined
  /** What was passed on, in order, and the status that came back, once it did. */
  readonly passed: (Proxied & { status?: number | undefined })[] = []
  readonly #target: URL
  readonly #server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing))

  private constructor(target: URL) {
    this.#target = target
  }

  static async before(target: string): Promise<ReverseProxy> {
    const proxy = new ReverseProxy(new URL(target))
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { pathname: path, searchParams: query } = new URL(incoming.url ?? '/', this.#target)
    const fault = this.fault({ path, query })
    // Either side may hang up at any time; then the other is let go too.
    incoming.on('error', () => outgoing.destroy())
    outgoing.on('error', () => incoming.destroy())
    if (fault === 'hang') return
    if (fault === 'reset') return void incoming.socket.resetAndDestroy()
    if (typeof fault === 'object') {
      incoming.resume()
      outgoing.writeHead(fault.status, { 'content-type': 'text/html' }).end(fault.page)
      return
    }
    const passed: ReverseProxy['passed'][number] = { path, query }
    this.passed.push(passed)
    const { method, headers, url } = incoming
    const onward = request(new URL(url ?? '/', this.#target), { method, headers, agent: false })
    outgoing.on('close', () => onward.destroy())
    onward.on('error', () => outgoing.destroy())
    onward.on('response', (answer) => {
      passed.status = answer.statusCode
      void passBack(answer, outgoing, fault === 'hold')
    })
    incoming.pipe(onward)
  }
}

async function passBack(answer: IncomingMessage, outgoing: ServerResponse, isHeld: boolean): Promise<void> {
  const held: Buffer[] = []
  const begin = () => outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
  try {
    if (!isHeld) begin().flushHeaders()
    for await (const chunk of answer) {
      if (isHeld) held.push(chunk as Buffer)
      else outgoing.write(chunk)
    }
    if (isHeld) begin().write(Buffer.concat(held))
    outgoing.addTrailers(answer.trailers as Record<string, string>)
    outgoing.end()
  } catch {
    // It was cut on one side, which the other is shown.
    outgoing.destroy()
  }
}
