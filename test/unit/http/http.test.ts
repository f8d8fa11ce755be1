import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Gate, Http, type Request } from '../../../src/http/http.ts'
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
  return { held, pass: (ask) => ask(), hold: (ms) => held.push(ms) <= holds }
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
