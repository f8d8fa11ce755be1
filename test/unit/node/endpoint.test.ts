import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { Http } from '../../../src/http/http.ts'
import { Kubo } from '../../../src/node/kubo/kubo.ts'

test('an answer of many megabytes is none of a node, and is not parsed', async () => {
  const body = `{"ID":"a","Version":"0.42.0","x":[${'{},'.repeat(3e6)}0]}`
  const server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const http = new Http('test')
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const asked = new Kubo({ http, url, authorization: undefined }).identify(new AbortController().signal)
  await expect(asked).rejects.toMatchObject({ name: 'NodeError', fault: 'bad-answer' })
  await http.close()
  server.close()
})
