import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'

/** A server in front of another that is on loopback. */
interface Forwarder extends AsyncDisposable {
  readonly port: number
}

/** What comes in at a Unix socket goes to a port. */
export async function startSocket(path: string, to: number): Promise<AsyncDisposable> {
  return started(
    createServer((socket) => pipe(socket, to)),
    path,
  )
}

/** What comes in by TLS goes to a port in the clear; `certificate` is the file of the certificate, made for a name. */
export async function startTls(
  name: string,
  to: number,
): Promise<Forwarder & { readonly certificate: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  execFileSync('openssl', [...request, '-keyout', key, '-out', certificate, ...names], { stdio: 'ignore' })
  const options = { key: readFileSync(key), cert: readFileSync(certificate), ALPNProtocols: ['http/1.1'] }
  const forwarder = await started(createTlsServer(options, (socket) => pipe(socket, to)))
  return {
    port: forwarder.port,
    certificate,
    [Symbol.asyncDispose]: async () => {
      await forwarder[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

interface ProxyOptions {
  /** Where a name leads; by default nothing is let through. */
  readonly to?: number
  /** Asked for; `user:password`. */
  readonly credentials?: string
  /** The status in the place of a way. */
  readonly refuses?: number
}

/** What a proxy was asked. */
interface Asked {
  readonly method: string
  readonly target: string
  readonly authorization: string | undefined
}

/** An HTTP proxy that makes tunnels (CONNECT), and forwards nothing else. */
export async function startProxy(
  options: ProxyOptions,
): Promise<
  Forwarder & { readonly url: string; readonly asked: readonly Asked[]; readonly bytes: () => string }
> {
  const asked: Asked[] = []
  let bytes = ''
  const note = ({ method = '', url = '', headers }: IncomingMessage) => {
    asked.push({ method, target: url, authorization: headers['proxy-authorization'] })
  }
  const server = createHttpServer((request, response) => {
    note(request)
    response.writeHead(501).end()
  })
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    note(request)
    const expected = options.credentials && `Basic ${Buffer.from(options.credentials).toString('base64')}`
    const isLetIn = expected === undefined || request.headers['proxy-authorization'] === expected
    const refusal = isLetIn ? options.refuses : 407
    if (refusal !== undefined || options.to === undefined)
      return void socket.end(`HTTP/1.1 ${refusal ?? 403} No\r\nproxy-authenticate: Basic\r\n\r\n`)
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.toString('latin1')
    })
    pipe(socket, options.to)
  })
  const forwarder = await started(server)
  return { ...forwarder, url: `http://127.0.0.1:${forwarder.port}`, asked, bytes: () => bytes }
}

async function started(server: Server, path?: string): Promise<Forwarder> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    // A client may hang up at any time.
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  if (path === undefined) server.listen(0, '127.0.0.1')
  else server.listen(path)
  await once(server, 'listening')
  return {
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function pipe(socket: Socket, port: number): void {
  const other = connect(port, '127.0.0.1')
  socket.pipe(other).pipe(socket)
  socket.on('error', () => other.destroy()).on('close', () => other.destroy())
  other.on('error', () => socket.destroy()).on('close', () => socket.destroy())
}
