import { expect, test } from 'vitest'
import { isOnPrivateNetwork } from '../../../src/delegates/private-endpoint.ts'

const never = new AbortController().signal

test.each<[string, boolean]>([
  ['http://pins.example.org/v1', true],
  ['https://127.0.0.1:9097', true],
  ['https://[::1]:9097', true],
  ['https://192.168.1.5/', true],
  ['https://localhost/', true],
  ['https://93.184.216.34/', false],
  ['https://[2606:4700::1]/', false],
  // A name that is nowhere: its peers are strangers'.
  ['https://pins.invalid/', false],
])('the service at %s is on a private network: %s', async (endpoint, expected) => {
  expect(await isOnPrivateNetwork(new URL(endpoint), never)).toBe(expected)
})

test('is not waited for when the run is cancelled', async () => {
  expect(await isOnPrivateNetwork(new URL('https://localhost/'), AbortSignal.abort())).toBe(false)
})
