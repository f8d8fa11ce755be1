import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseCid } from '../../src/domain/cid.ts'
import { Http } from '../../src/http/http.ts'
import { Kubo as KuboClient } from '../../src/node/kubo/kubo.ts'
import { havePeers } from '../peers/build.ts'
import { identityCid, Kubo } from '../peers/kubo.ts'

test.skipIf(!havePeers())('Kubo answers and pins through its Unix socket', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'socket-'))
  const path = join(folder.path, 'api.sock')
  await using node = await Kubo.start({ 'Addresses.API': ['/ip4/127.0.0.1/tcp/0', `/unix${path}`] })
  const http = new Http('ipfs-pin-mirror/test')
  const client = new KuboClient({ http, url: new URL(`unix:${path}`), authorization: undefined })
  const { signal } = new AbortController()
  expect(await client.identify(signal)).toMatchObject({ peerId: node.peerId })
  const cid = parseCid(identityCid('through a socket'))
  if (cid === undefined) throw new Error('no CID')
  await client.pin(cid, { name: 'named', signal, onProgress: () => undefined })
  const pins = await Array.fromAsync(client.listPins({ names: true, signal }))
  expect(pins).toContainEqual(expect.objectContaining({ cid: cid.text, name: 'named' }))
  expect(await client.isPinned(cid, signal)).toBe(true)
  await http.close()
})
