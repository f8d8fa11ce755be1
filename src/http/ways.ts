import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici'
import { isPrivateAddress } from '../domain/hosts.ts'
import { TunnelError } from '../errors.ts'
import { addressPatience, connectPatience } from './dual-stack.ts'

/** How this machine reaches others. */
export interface Roads {
  /** Its proxy for a URL, if any. */
  readonly proxyFor?: (url: URL) => URL | undefined
  /** How names are looked up. Default: as the system does. */
  readonly lookup?: LookupFunction
}

/** What the way of a request depends on. */
interface Wanted {
  readonly url: URL
  readonly mayUseProxy?: boolean
  readonly socket?: string
}

/**
 * A certificate is always looked at, whatever the environment says (`NODE_TLS_REJECT_UNAUTHORIZED`): without that, a
 * token would go to whoever is on the way, as over plain HTTP. `NODE_EXTRA_CA_CERTS` names those to trust besides.
 */
const connect = {
  timeout: connectPatience,
  autoSelectFamilyAttemptTimeout: addressPatience,
  rejectUnauthorized: true,
}
/** Each pin in flight has a connection to the node, also a pin that waits for its first block. */
const mostConnections = 2048
const pool = { keepAliveTimeout: 30_000, connections: mostConnections, pipelining: 1 }

/** The ways to other programs: straight, within private networks only, through a Unix socket, or through a proxy. */
export class Ways {
  readonly #proxyFor: NonNullable<Roads['proxyFor']>
  readonly #open: Dispatcher
  readonly #private: Dispatcher
  /** By the path of the socket, and by the address of the proxy. */
  readonly #others = new Map<string, Dispatcher>()

  constructor({ proxyFor = () => undefined, lookup: find = lookup as LookupFunction }: Roads) {
    this.#proxyFor = proxyFor
    this.#open = new Agent({ ...pool, connect: { ...connect, lookup: find } })
    this.#private = new Agent({ ...pool, connect: { ...connect, lookup: privateOnly(find) } })
  }

  of(wanted: Wanted): Dispatcher {
    const { url, socket } = wanted
    if (socket !== undefined)
      return this.#other(socket, () => new Agent({ ...pool, connect: { ...connect, socketPath: socket } }))
    const proxy = this.proxyOf(wanted)
    if (proxy !== undefined) return this.#other(proxy.href, () => tunnelsThrough(proxy))
    return url.protocol === 'http:' ? this.#private : this.#open
  }

  /** The proxy that a request goes through, if any. */
  proxyOf({ url, mayUseProxy }: Wanted): URL | undefined {
    return mayUseProxy === true ? this.#proxyFor(url) : undefined
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    await Promise.all([this.#open, this.#private, ...this.#others.values()].map((way) => way.destroy()))
  }

  #other(key: string, make: () => Dispatcher): Dispatcher {
    const way = this.#others.get(key) ?? make()
    this.#others.set(key, way)
    return way
  }
}

/** The proxy sees only the names of the servers. Everything else is encrypted between here and them. */
function tunnelsThrough(proxy: URL): ProxyAgent {
  return new ProxyAgent({
    ...pool,
    uri: proxy.href,
    proxyTunnel: true,
    connectTimeout: connectPatience,
    proxyTls: connect,
    requestTls: connect,
    clientFactory: (origin, options) => new TunnelPool(origin, options),
  })
}

/** Tells which status a proxy gave when it refused a tunnel: undici tells it in the text of an error only. */
class TunnelPool extends Pool {
  override connect = (async (options: Dispatcher.ConnectOptions<null>) => {
    const answer = await super.connect(options)
    if (answer.statusCode === 200) return answer
    answer.socket.on('error', () => undefined).destroy()
    throw new TunnelError(answer.statusCode)
  }) as Pool['connect']
}

/**
 * Plain HTTP shows tokens to everybody on the way. So a name is used only where it leads to this machine or a private
 * network.
 */
function privateOnly(find: LookupFunction): LookupFunction {
  return (hostname, options, done) => {
    find(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, '')
      const all = typeof addresses === 'string' ? [] : addresses
      const inside = all.filter(({ address }) => isPrivateAddress(address))
      const first = inside[0]
      if (first === undefined) {
        const reason = `${hostname} is not on this machine or a private network; plain http goes nowhere else`
        return done(Object.assign(new Error(reason), { code: 'EPUBLICHTTP' }), '')
      }
      if (options.all === true) return done(null, inside)
      done(null, first.address, first.family)
    })
  }
}
