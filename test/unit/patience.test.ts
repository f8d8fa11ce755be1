import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { Patience } from '../../src/patience.ts'

/** Holds up this process, as a busy machine does, or who stops it. */
const holdUp = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

test('ends once nothing has moved for so long', async () => {
  const ended = Promise.withResolvers<void>()
  using _ = new Patience(10, ended.resolve)
  await ended.promise
})

test('does not end after it was stopped, not even where its time was over', async () => {
  const onEnd = vi.fn()
  const patience = new Patience(5, onEnd)
  const stopped = new Promise<void>((resolve) => {
    setTimeout(() => {
      patience.stop()
      resolve()
    }, 5)
  })
  holdUp(50)
  await stopped
  for (let n = 0; n < 3; n++) await turn()
  expect(onEnd).not.toHaveBeenCalled()
})

test('a process that was held up for longer reads first what came meanwhile', async () => {
  await using server = createServer((socket) => {
    socket.on('data', (data) => {
      socket.write(data)
      holdUp(1200)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  const client = connect(port, '127.0.0.1')
  try {
    await once(client, 'connect')
    const onEnd = vi.fn()
    using patience = new Patience(1000, onEnd)
    client.on('data', () => patience.restart())
    client.write('is anybody there?')
    await once(client, 'data')
    expect(onEnd).not.toHaveBeenCalled()
  } finally {
    client.destroy()
  }
})
