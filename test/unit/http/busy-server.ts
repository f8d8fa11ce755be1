import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that is too busy for a while to accept anybody, in a process of its own. */
const server = createServer((_, response) => response.end('here'))
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
  process.send?.((server.address() as AddressInfo).port)
})
process.on('message', () => {
  process.send?.('busy', () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800)
  })
})
process.on('disconnect', () => process.exit())
