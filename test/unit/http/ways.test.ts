import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposableSync } from 'node:fs'
import { connect, type LookupFunction, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { Http } from '../../../src/http/http.ts'
import { Kubo } from '../../../src/node/kubo/kubo.ts'
import { startSocket, startTls } from '../../sandbox/forwarders.ts'
import { startHeartbeat } from '../../sandbox/heartbeat.ts'
import { Cids } from '../../sandbox/identity.ts'
import { startKubo } from '../../sandbox/kubo.ts'

const never = new AbortController().signal

/** Every name has these two addresses, the first of which has the server. */
const bothFamilies: LookupFunction = (_name, _options, done) =>
  done(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ])

test('a name with a slow address and one where nobody is', async () => {
  const script = fileURLToPath(new URL('busy-server.ts', import.meta.url))
  const server = fork(script)
  const waiting: Socket[] = []
  try {
    const [port] = (await once(server, 'message')) as [number]
    server.send('be busy')
    await once(server, 'message')
    // It accepts nobody now: once those that the system keeps for it are enough, it answers no other for a second.
    for (let n = 0; n < 8; n++) waiting.push(connect(port, '127.0.0.1').on('error', () => undefined))
    await Promise.race(waiting.map((socket) => once(socket, 'connect')))
    const http = new Http('test', { lookup: bothFamilies })
    const url = new URL(`http://box.lan:${port}`)
    const asked = http.ask({ method: 'GET', url, signal: never, deadline: 20_000, repeatable: false })
    await expect(asked).resolves.toMatchObject({ status: 200, text: 'here', date: expect.any(Number) })
    await http.close()
  } finally {
    for (const socket of waiting) socket.destroy()
    server.kill()
  }
})

test('a node is asked through its socket', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'socket-'))
  await using node = await startKubo()
  const [cid = ''] = new Cids(1).take(1)
  node.pin(cid)
  const path = join(folder.path, 'api.sock')
  await using _ = await startSocket(path, Number(new URL(node.url).port))
  const http = new Http('test')
  const kubo = new Kubo({ http, url: new URL(`unix:${path}`), authorization: 'Bearer secret' })
  expect(await kubo.identify(never)).toMatchObject({ peerId: node.peerId })
  const pins = await Array.fromAsync(kubo.listPins({ names: false, signal: never }))
  expect(pins.map((pin) => pin.cid)).toEqual([cid])
  expect(node.requests.every(({ headers }) => headers.authorization === 'Bearer secret')).toBe(true)
  await http.close()
})

test('a socket where nobody is', async () => {
  const http = new Http('test')
  const kubo = new Kubo({ http, url: new URL('unix:/nowhere/api.sock'), authorization: undefined })
  await expect(kubo.identify(never)).rejects.toMatchObject({
    fault: 'unreachable',
    message: expect.stringMatching(
      /^the Kubo node at unix:\/nowhere\/api\.sock does not answer \(connect ENOENT \/nowhere\/api\.sock on /,
    ),
    cause: { url: expect.stringMatching(/^unix:\/nowhere\/api\.sock\/api\/v0\//) },
  })
  await http.close()
})

test('a certificate is looked at, also where the environment says otherwise', async () => {
  await using server = await startHeartbeat()
  await using tls = await startTls('box.example', Number(new URL(server.url).port))
  const http = new Http('test', { lookup: bothFamilies })
  const url = new URL(`https://box.example:${tls.port}`)
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  const asked = http.ask({ method: 'GET', url, signal: never, deadline: 20_000, repeatable: false })
  await expect(asked).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  expect(server.requests).toEqual([])
  await http.close()
})

test('the proxy is for those requests only that may use it', async () => {
  await using server = await startHeartbeat()
  const http = new Http('test', { proxyFor: () => new URL('http://127.0.0.1:1') })
  const request = {
    method: 'GET',
    url: new URL(server.url),
    signal: never,
    deadline: 5000,
    repeatable: false,
  } as const
  await expect(http.ask(request)).resolves.toMatchObject({ status: 200 })
  await expect(http.ask({ ...request, mayUseProxy: true })).rejects.toMatchObject({
    code: 'ECONNREFUSED',
    proxy: 'http://127.0.0.1:1',
    message: expect.stringContaining('through the proxy http://127.0.0.1:1: no answer (connect ECONNREFUSED'),
  })
  await http.close()
})
