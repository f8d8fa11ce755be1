import { afterEach, beforeEach, expect, test } from 'vitest'
import { Http } from '../../../src/http/http.ts'
import { beat } from '../../../src/tell/heartbeat.ts'
import { type HeartbeatSandbox, startHeartbeat } from '../../sandbox/heartbeat.ts'

let monitor: HeartbeatSandbox
let http: Http
beforeEach(async () => {
  monitor = await startHeartbeat()
  http = new Http('test')
})
afterEach(async () => {
  await http.close()
  await monitor.stop()
})
const never = new AbortController().signal
const paths = () =>
  monitor.requests.map(({ method, path, query }) => `${method} ${path}${query.size > 0 ? `?${query}` : ''}`)

test('a good end asks the address as it stands, a bad one with /fail after its path', async () => {
  const url = new URL(monitor.url)
  expect(await beat(http, url, 'good', never)).toBeNull()
  expect(await beat(http, url, 'fail', never)).toBeNull()
  expect(await beat(http, new URL(`${url}/?rid=1`), 'fail', never)).toBeNull()
  const { pathname } = url
  expect(paths()).toEqual([`GET ${pathname}`, `GET ${pathname}/fail`, `GET ${pathname}/fail?rid=1`])
})

test.each([
  ['a status', () => (monitor.intercept = () => ({ status: 404, body: 'x' })), 'it answered with status 404'],
  ['a cut', () => (monitor.intercept = () => 'cut'), 'no answer ('],
  ['nobody there', () => monitor.stop(), 'no answer (ECONNREFUSED)'],
])('%s is a warning that does not show the address', async (_, arrange, expected) => {
  await arrange()
  const warning = await beat(http, new URL(monitor.url), 'good', never)
  expect(warning).toContain(expected)
  expect(warning).not.toContain('secret')
  expect(warning).not.toContain('127.0.0.1')
})

test('a cancelled run does not wait for it', async () => {
  monitor.intercept = () => 'hang'
  const cancel = new AbortController()
  const reason = new Error('cancelled')
  setTimeout(() => cancel.abort(reason), 50)
  await expect(beat(http, new URL(monitor.url), 'good', cancel.signal)).rejects.toBe(reason)
})
