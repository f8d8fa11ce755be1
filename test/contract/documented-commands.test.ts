import { describe, expect, test } from 'vitest'
import { parseCid } from '../../src/domain/cid.ts'
import { Http } from '../../src/http/http.ts'
import { Kubo as KuboClient } from '../../src/node/kubo/kubo.ts'
import { havePeers } from '../peers/build.ts'
import { identityCid, Kubo } from '../peers/kubo.ts'
import { blocks, codeSpans, files, read } from '../unit/docs/pages.ts'

const inBlocks = blocks('sh').flatMap(({ text }) => text.split('\n'))
const commands = [...inBlocks, ...files('.md').flatMap(codeSpans)]
  .map((line) => line.trim())
  .filter((line) => /^ipfs [a-z]/.test(line) && !line.startsWith('ipfs pin remote'))
/** Without what is given to them. */
const names = [...new Set(commands.map((line) => /^ipfs ([a-z]+(?: [a-z]+)*)/.exec(line)?.[1] ?? ''))]

/** What pages have `API.Authorizations` set to. */
const authorizations = blocks('sh').flatMap(({ page, text }) => {
  const value = /^ipfs config --json API\.Authorizations '([^']+)'$/m.exec(text)?.[1]
  return value === undefined ? [] : [[page, value] as const]
})

describe.skipIf(!havePeers())('the commands that the pages show for Kubo', () => {
  test('are there', async () => {
    await using node = await Kubo.start()
    expect(names.length).toBeGreaterThan(3)
    for (const name of names) expect(await node.run(...name.split(' '), '--help')).toContain('USAGE')
  })

  test('one page shows an authorisation', () => {
    expect(authorizations.map(([page]) => page)).toEqual(['docs/runner.md'])
  })

  test.each(authorizations)('that of %s lets the action in, and nobody without it', async (_page, value) => {
    await using node = await Kubo.start()
    await node.run('config', '--json', 'API.Authorizations', value)
    await node.restart()
    const http = new Http('ipfs-pin-mirror/test')
    const url = new URL(node.apiUrl)
    const { signal } = new AbortController()
    const stranger = new KuboClient({ http, url, authorization: undefined })
    await expect(stranger.identify(signal)).rejects.toMatchObject({ fault: 'unauthorised' })
    // Whoever owns the node is not locked out.
    const owner = new KuboClient({ http, url, authorization: 'Bearer ANOTHER-LONG-WORD' })
    expect(await owner.identify(signal)).toMatchObject({ peerId: node.peerId })
    const asOwner = ['--api-auth', 'bearer:ANOTHER-LONG-WORD', 'pin', 'ls']
    expect(read('docs/runner.md')).toContain(`ipfs ${asOwner.join(' ')}`)
    await node.run(...asOwner)
    await expect(node.run('pin', 'ls')).rejects.toThrow()
    const client = new KuboClient({ http, url, authorization: 'Bearer A-LONG-RANDOM-WORD' })
    expect(await client.identify(signal)).toMatchObject({ peerId: node.peerId })
    const cid = parseCid(identityCid('allowed'))
    if (cid === undefined) throw new Error('no CID')
    await client.pin(cid, { name: 'named', signal, onProgress: () => undefined })
    expect(await Array.fromAsync(client.listPins({ names: true, signal }))).toContainEqual(
      expect.objectContaining({ cid: cid.text, name: 'named' }),
    )
    expect(await client.storage(signal)).toMatchObject({ untold: null })
    await http.close()
  })
})
