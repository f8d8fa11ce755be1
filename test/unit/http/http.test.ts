import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Gate, Http, type Request, type Sent, type Wait } from '../../../src/http/http.ts'
import { Secrets } from '../../../src/secrets/secrets.ts'
import { type HeartbeatSandbox, startHeartbeat } from '../../sandbox/heartbeat.ts'

let server: HeartbeatSandbox
let http: Http
beforeEach(async () => {
  server = await startHeartbeat()
  http = new Http('test')
})
afterEach(async () => {
  await http.close()
  await server.stop()
})

/** A gate that lets everybody pass at once until it has been held so often. */
function gateWith(holds: number): Gate & { readonly held: (number | undefined)[] } {
  const held: (number | undefined)[] = []
  return { held, pass: (ask) => ask(), hold: (ms) => (held.push(ms) <= holds ? 0 : undefined) }
}

function ask(over: Partial<Request>) {
  const { signal } = new AbortController()
  return http.ask({
    method: 'GET',
    url: new URL(server.url),
    signal,
    deadline: 5000,
    repeatable: true,
    ...over,
  })
}

test('a rate limit uses up no tries: the gate says how long to go on', async () => {
  let left = 8
  server.intercept = () => (left-- > 0 ? { status: 429, headers: { 'retry-after': '' } } : undefined)
  const gate = gateWith(8)
  expect(await ask({ gate, tries: 2 })).toMatchObject({ status: 200 })
  expect(gate.held).toEqual(Array(8).fill(undefined))
})

test('a gate that has waited enough ends it', async () => {
  server.intercept = () => ({ status: 429, headers: { 'retry-after': '30' } })
  const gate = gateWith(3)
  await expect(ask({ gate })).rejects.toMatchObject({ status: 429 })
  expect(gate.held).toEqual([30_000, 30_000, 30_000, 30_000])
})

test('what must not be repeated is not, and the others are held all the same', async () => {
  server.intercept = () => ({ status: 503, headers: { 'retry-after': '2' } })
  const gate = gateWith(3)
  await expect(ask({ gate, repeatable: false })).rejects.toMatchObject({ status: 503 })
  expect(server.requests).toHaveLength(1)
  expect(gate.held).toEqual([2000])
})

test('what a rate refused was not done, and is repeated in any case', async () => {
  server.intercept = () => (server.requests.length < 3 ? { status: 429 } : { status: 200, body: '{}' })
  const gate = gateWith(3)
  expect(await ask({ gate, repeatable: false })).toMatchObject({ status: 200 })
  expect(gate.held).toEqual([undefined, undefined])
})

test('answers that come in at once are bounded together, and one after the other are not', async () => {
  const held: ServerResponse[] = []
  const large = createServer((_, response) => {
    response.write('x'.repeat(600))
    held.push(response)
    // Of the first two, one waits until the other is given up.
    if (held.length > 2) response.end()
    else response.once('close', () => held.forEach((one) => void one.end()))
  })
  await new Promise<void>((resolve) => large.listen(0, '127.0.0.1', resolve))
  const url = new URL(`http://127.0.0.1:${(large.address() as AddressInfo).port}`)
  const bounded = new Http('test', {}, 1000)
  const request = { method: 'GET', url, deadline: 5000, repeatable: false } as const
  const get = () => bounded.ask({ ...request, signal: new AbortController().signal })
  const both = await Promise.allSettled([get(), get()])
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { message: expect.stringContaining('come in at once are larger than 1000 bytes') },
  })
  expect((await get()).text).toHaveLength(600)
  expect((await get()).text).toHaveLength(600)
  await bounded.close()
  large.close()
})

test('answers that came at once are given out one a turn, so that others are heard between them', async () => {
  let turn = 0
  const count = () => {
    turn++
    timer = setImmediate(count)
  }
  let timer = setImmediate(count)
  const turns = await Promise.all(Array.from({ length: 20 }, () => ask({}).then(() => turn)))
  clearImmediate(timer)
  expect(new Set(turns).size).toBe(20)
})

describe('no secret comes in or goes out with a text', () => {
  const secret = 'token/of+photos=='
  const secrets = new Secrets()
  secrets.add(secret)
  const escaped = encodeURIComponent(secret)
  const wanted = (over: Partial<Request> = {}) => ({
    method: 'POST' as const,
    url: new URL(server.url),
    signal: new AbortController().signal,
    deadline: 5000,
    repeatable: false,
    headers: { authorization: `Bearer ${secret}` },
    ...over,
  })
  let careful: Http
  beforeEach(() => {
    careful = new Http('test', { secrets })
  })
  afterEach(() => careful.close())

  test('in an answer, whatever its status', async () => {
    server.intercept = () => ({ status: 200, body: JSON.stringify({ a: `<${secret}>`, b: escaped }) })
    expect(JSON.parse((await careful.ask(wanted())).text)).toEqual({ a: '<***>', b: '***' })
    server.intercept = () => ({ status: 404, body: `<${secret}> ${escaped}` })
    expect(await careful.ask(wanted({ alsoAnswers: 404 }))).toMatchObject({ text: '<***> ***' })
    await expect(careful.ask(wanted())).rejects.toMatchObject({ status: 404, body: '<***> ***' })
  })

  test('in an answer of several pieces, be it that it lies across two', async () => {
    const megabytes = 4 * 1024 * 1024
    for (const shift of [1, 8, secret.length - 1]) {
      const body = `${'x'.repeat(megabytes - shift)}${secret}${'y'.repeat(megabytes)}`
      server.intercept = () => ({ status: 200, body })
      const { pieces, text } = await careful.ask(wanted())
      expect(pieces.length).toBeGreaterThan(1)
      expect(text).toBe(body.replace(secret, '***'))
    }
  })

  test('in an error whose body is longer than what is kept of it, and ends within a secret', async () => {
    for (const place of [65_536 - 8, 65_536 - 3]) {
      server.intercept = () => ({ status: 400, body: `${'x'.repeat(place)}${secret}${'y'.repeat(200_000)}` })
      const error = await careful.ask(wanted()).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ body: `${'x'.repeat(place)}***yyyyy`.slice(0, 65_536) })
    }
  })

  test('in an error whose body is one mask, and has no end', async () => {
    const chained = new Secrets()
    for (const one of ['a-secret-word-b', 'b-secret-word-a']) chained.add(one)
    const link = 'a-secret-word-b-secret-word-'.repeat(1000)
    const endless = createServer((_, response) => {
      response.writeHead(400)
      const more = () => void response.write(link, (error) => error ?? setImmediate(more))
      response.write('no: ', more)
    })
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve))
    const url = new URL(`http://127.0.0.1:${(endless.address() as AddressInfo).port}`)
    const asking = new Http('test', { secrets: chained })
    await expect(asking.ask(wanted({ url }))).rejects.toMatchObject({ status: 400, body: 'no: ***' })
    await asking.close()
    endless.close()
  })

  test('in a stream, be it cut within a secret, and in its trailer', async () => {
    const stream = createServer((_, response) => {
      response.writeHead(200, { trailer: 'X-Stream-Error' })
      response.write(`{"a":"${secret.slice(0, 6)}`)
      // The rest comes only when the first has arrived.
      setImmediate(() => {
        response.write(`${secret.slice(6)}"}\n`)
        response.addTrailers({ 'X-Stream-Error': `no ${secret}` })
        response.end()
      })
    })
    await new Promise<void>((resolve) => stream.listen(0, '127.0.0.1', resolve))
    const url = new URL(`http://127.0.0.1:${(stream.address() as AddressInfo).port}`)
    const answer = await careful.open(wanted({ url }))
    expect((await Array.fromAsync(answer.chunks)).join('')).toBe('{"a":"***"}\n')
    expect(answer.trailers['x-stream-error']).toBe('no ***')
    stream.close()
  })

  test('in a body that is sent; its header goes as it is', async () => {
    await careful
      .ask(wanted({ body: JSON.stringify({ body: `| &#x74;oken/of+photos&#61;= ${secret} |` }) }))
      .catch(() => {})
    expect(server.requests.at(-1)).toMatchObject({
      body: '{"body":"| *** *** |"}',
      headers: { authorization: `Bearer ${secret}` },
    })
  })
})

describe('what is told of requests', () => {
  /** Asks once, and tells what was told of that. */
  async function toldOf(work: (http: Http) => Promise<unknown>) {
    const sent: Sent[] = []
    const waits: Wait[] = []
    const secrets = new Secrets()
    secrets.add('secret-of-the-test')
    const events = { onSent: (one: Sent) => sent.push(one), onWait: (one: Wait) => waits.push(one) }
    const telling = new Http('test', { secrets, events })
    await work(telling).catch(() => undefined)
    await telling.close()
    return { sent, waits }
  }

  const wanted = (over: Partial<Request> = {}): Request => ({
    method: 'GET',
    url: new URL(`${server.url}/pins?limit=10`),
    signal: new AbortController().signal,
    deadline: 5000,
    repeatable: true,
    ...over,
  })

  test('each that is sent, once, with its answer', async () => {
    server.intercept = () => ({ status: 200, body: '[1,2] secret-of-the-test' })
    const { sent, waits } = await toldOf((told) => told.ask(wanted()))
    expect(sent).toEqual([
      {
        method: 'GET',
        url: `${server.url}/pins?limit=10`,
        took: expect.any(Number),
        answer: { status: 200, body: ['[1,2] ***'] },
        error: undefined,
      },
    ])
    expect(waits).toEqual([])
  })

  test('each that is repeated, with why, and the waits between', async () => {
    let left = 2
    server.intercept = () => ({ status: left-- > 0 ? 503 : 200 })
    const { sent, waits } = await toldOf((told) => told.ask(wanted()))
    expect(sent.map(({ answer, error }) => answer?.status ?? (error as { status: number }).status)).toEqual([
      503, 503, 200,
    ])
    expect(waits).toMatchObject([
      { url: `${server.url}/pins?limit=10`, error: { status: 503 } },
      { error: { status: 503 } },
    ])
    expect(waits[1]?.ms).toBeGreaterThanOrEqual(500)
  })

  test('a wait at the gate is as long as that says', async () => {
    let left = 1
    server.intercept = () => (left-- > 0 ? { status: 429 } : undefined)
    const gate: Gate = { pass: (ask) => ask(), hold: () => 12_345 }
    const { waits } = await toldOf((told) => told.ask(wanted({ gate })))
    expect(waits).toMatchObject([{ ms: 12_345, error: { status: 429 } }])
  })

  test('nothing is waited for where it is not sent again', async () => {
    server.intercept = () => ({ status: 404 })
    const { sent, waits } = await toldOf((told) => told.ask(wanted()))
    expect(sent).toMatchObject([{ answer: undefined, error: { status: 404 } }])
    expect(waits).toEqual([])
  })

  test('a stream when it is over, with its lines, also where it is read no further', async () => {
    server.intercept = () => ({ status: 200, body: 'a\nb\nc\n' })
    const all = await toldOf(async (told) => Array.fromAsync((await told.open(wanted())).chunks))
    expect(all.sent).toMatchObject([{ answer: { status: 200, body: { lines: 3 } }, error: undefined }])
    const stopped = await toldOf(async (told) => {
      for await (const _ of (await told.open(wanted())).chunks) break
    })
    expect(stopped.sent).toHaveLength(1)
  })

  test('one that gets no answer', async () => {
    const { sent } = await toldOf((told) =>
      told.ask(wanted({ url: new URL('http://127.0.0.1:1/'), repeatable: false })),
    )
    expect(sent).toMatchObject([{ answer: undefined, error: { code: 'ECONNREFUSED' } }])
  })
})
