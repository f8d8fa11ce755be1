import { afterAll, expect, test } from 'vitest'
import { Http } from '../../../src/http.ts'
import { Kubo } from '../../../src/node/kubo.ts'
import { PeeringBook } from '../../../src/snapshot/peering-book.ts'
import { savePeering } from '../../../src/sync/save-peering.ts'
import { peerIds } from '../../sandbox/identity.ts'
import { startKubo } from '../../sandbox/kubo.ts'
import { emptySnapshot } from '../snapshot/empty.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const never = new AbortController().signal
const [alice] = peerIds(1) as [string]
const at = (port: number) => `/ip4/93.184.216.34/tcp/${port}`
const entry = (port: number) => ({ ID: alice, Addrs: [at(port)] })

test.each([
  ['was not written', false],
  ['was written, which nobody said', true],
])('an entry stays this mirror’s own where its new form %s', async (_, isDone) => {
  await using server = await startKubo()
  const node = new Kubo({ http, url: new URL(server.url), authorization: undefined })
  const book = new PeeringBook(emptySnapshot(), server.peerId)
  const save = (port: number) =>
    savePeering(node, book, [{ peerId: alice, addrs: [at(port)], isKnown: true, lastSeen: 1 }], never)
  const config = () => server.config.read('Peering.Peers')
  await save(1)
  server.intercept = ({ path, query }) =>
    path === '/api/v0/config' && query.getAll('arg').length > 1
      ? { status: 500, body: JSON.stringify({ Message: 'disk full', Code: 0, Type: 'error' }), isDone }
      : undefined
  for (const port of [2, 3, 4]) await expect(save(port)).rejects.toThrow('disk full')
  expect(config()).toEqual([entry(isDone ? 4 : 1)])
  expect(book.saved().length).toBeLessThanOrEqual(2)
  server.intercept = undefined
  expect(await save(5)).toMatchObject({ isWritten: true, added: 0, extended: 1 })
  expect(config()).toEqual([entry(5)])
  expect(book.saved()).toEqual([{ peerId: alice, addrs: [at(5)], lastSeen: 1 }])
})
