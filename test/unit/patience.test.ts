import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { Patience } from '../../src/patience.ts'

/** Holds up this process, as a busy or a suspended machine does. */
const holdUp = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

test('ends once nothing has moved for so long', async () => {
  const ended = Promise.withResolvers<void>()
  using _ = new Patience(10, ended.resolve)
  await ended.promise
})

test('does not end after it was stopped, not even where its time was over', async () => {
  const onEnd = vi.fn()
  const patience = new Patience(5, onEnd)
  setTimeout(() => patience.stop(), 5)
  holdUp(50)
  await sleep(50)
  expect(onEnd).not.toHaveBeenCalled()
})

test('a process that was held up for longer reads first what came meanwhile', async () => {
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      socket.write(data)
      holdUp(1200)
    })
    socket.on('close', () => server.close())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  const client = connect(port, '127.0.0.1')
  await once(client, 'connect')
  const onEnd = vi.fn()
  using patience = new Patience(1000, onEnd)
  client.on('data', () => patience.restart())
  client.write('is anybody there?')
  await once(client, 'data')
  expect(onEnd).not.toHaveBeenCalled()
  client.destroy()
})
