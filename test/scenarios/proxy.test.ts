import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposableSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { Mirror, type Ran } from './mirror.ts'

/** GitHub as it is seen behind a proxy: no name server of this machine knows it. */
const host = 'api.mirror.test'

/** A proxy that leads to GitHub by TLS, whatever it is asked for. */
async function proxyTo(port: number, folder: string) {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`]
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject],
    { stdio: 'ignore' },
  )
  const github = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) =>
    connectBoth(socket, connect(port, '127.0.0.1')),
  )
  const tlsPort = await listen(github)
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(405).end()
  }).on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    connectBoth(socket, connect(tlsPort, '127.0.0.1'))
  })
  const url = `http://127.0.0.1:${await listen(proxy)}`
  return {
    asked,
    env: { https_proxy: url, http_proxy: url, GITHUB_API_URL: `https://${host}`, NODE_EXTRA_CA_CERTS: cert },
    async [Symbol.asyncDispose]() {
      for (const server of [proxy, github]) {
        server.close()
        await once(server, 'close')
      }
    },
  }
}

/** Each side gets what the other sends, and ends with it. */
function connectBoth(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.pipe(to)
    from.on('error', () => to.destroy()).on('close', () => to.destroy())
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function mirrorWithFailure() {
  const mirror = await Mirror.start()
  mirror.service.bucket('photos').add({ cid: new Cids(1).next(), status: 'failed' })
  return mirror
}

const warnings = (ran: Ran) => ran.report.warnings.filter(({ where }) => where === 'issue')

test('GitHub is asked through the proxy of the runner, and nobody else who is near', async () => {
  await using mirror = await mirrorWithFailure()
  using folder = mkdtempDisposableSync(join(tmpdir(), 'proxy-'))
  await using proxy = await proxyTo(Number(new URL(mirror.github.origin).port), folder.path)
  const ran = await mirror.run({ env: proxy.env })
  expect(warnings(ran)).toEqual([])
  expect(mirror.github.issues).toHaveLength(1)
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${host}:443`]))

  const bypassed = await mirror.run({ env: { ...proxy.env, no_proxy: 'mirror.test' } })
  expect(warnings(bypassed)).toEqual([
    { where: 'issue', message: expect.stringMatching(/no answer \(.*api\.mirror\.test/) },
  ])
})

test('a proxy that is none is said', async () => {
  await using mirror = await mirrorWithFailure()
  const env = { https_proxy: 'http://[proxy', GITHUB_API_URL: `https://${host}` }
  expect(warnings(await mirror.run({ env }))).toEqual([
    { where: 'issue', message: expect.stringContaining('https_proxy is not the address of a proxy') },
  ])
})
