import { setTimeout as sleep } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BackupOptions } from '../../src/backup/missing-pins.ts'
import { parseCid } from '../../src/domain/cid.ts'
import type { ReasonClass } from '../../src/domain/reasons/classes.ts'
import { Http } from '../../src/http/http.ts'
import { Intake } from '../../src/intake.ts'
import { Kubo as KuboClient } from '../../src/node/kubo/kubo.ts'
import { files } from '../e2e/content.ts'
import { havePeers } from '../peers/build.ts'
import { identityCid, inlineCid, Kubo } from '../peers/kubo.ts'
import { badGateway, ReverseProxy } from '../peers/proxy.ts'
import { Cids } from '../sandbox/identity.ts'
import { type BackupResult, resultOf } from '../unit/backup/one-by-one/results.ts'
import { rpcUntil } from './rpc.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const never = new AbortController().signal
const cids = new Cids(31)
const dagJson = 0x0129

/** Kubo repeats its content when it refuses it. */
const saysFull = (number: number) =>
  inlineCid(dagJson, `{"${number}":0,"no space left on device":1,"no space left on device":2}`)

async function backUpBy(
  url: string,
  wanted: readonly string[],
  options: Partial<BackupOptions> = {},
): Promise<BackupResult> {
  const entries = wanted.map((text, index) => {
    const cid = parseCid(text)
    if (cid === undefined) throw new Error(`${text} does not parse`)
    return { index, cid, name: null, bucket: 'photos', delegates: [], size: null }
  })
  const node = new KuboClient({ http, url: new URL(url), authorization: undefined })
  return resultOf(
    entries,
    {
      node,
      delegates: {
        peerFor: () => Promise.resolve(),
        onNewPeer: () => ({ [Symbol.dispose]: () => undefined }),
        lookAgain: () => undefined,
      },
      intake: new Intake(null),
      onPinned: () => undefined,
      onFailed: () => undefined,
    },
    { concurrency: 8, stallTimeout: 3_000, attempts: 2, signal: never, inTime: never, ...options },
  )
}

const textsOf = (entries: BackupResult['pending']) => entries.map(({ cid }) => cid.text).sort()

describe.skipIf(!havePeers())('who is at fault where real Kubo does not pin', () => {
  let node: Kubo
  let source: Kubo
  let proxy: ReverseProxy
  beforeAll(async () => {
    const started = await Promise.all([Kubo.start(), Kubo.start()])
    node = started[0]
    source = started[1]
    await node.connect(source)
    proxy = await ReverseProxy.before(node.apiUrl)
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await Promise.all([node[Symbol.asyncDispose](), source[Symbol.asyncDispose]()])
  })
  beforeEach(() => {
    proxy.fault = () => undefined
  })

  let published = 0
  /** CIDs that the node can have of the other one. */
  const live = async (count: number) => [
    ...(await source.add(files(`set-${published++}`, count, 1_000), { cidVersion: 1 })).values(),
  ]
  const pinsOf = async (wanted: readonly string[]) => {
    const pins = await node.pins()
    return wanted.filter((cid) => pins.has(cid))
  }
  const openPin = async (cid: string, signal: AbortSignal) => {
    const address = `${node.apiUrl}/api/v0/pin/add?progress=true&arg=${cid}`
    const lines = (await fetch(address, { method: 'POST', signal })).body?.getReader()
    const until = async (word: string) => {
      for (let text = ''; !text.includes(word); ) {
        const { value, done } = (await lines?.read()) ?? { done: true }
        if (done) throw new Error(`the answer ended without ${word}: ${text}`)
        text += Buffer.from(value ?? []).toString()
      }
    }
    return { until }
  }
  /** Kubo writes a line every half second: by the third it has been told nothing but to wait. */
  const isAddedAtOnce = async (cid: string) => {
    const isPinned = (line: string) => line.includes('Pins')
    const isAnswer = (lines: readonly string[]) => lines.length > 2 || lines.some(isPinned)
    return (await rpcUntil(node.apiUrl, `pin/add?progress=true&arg=${cid}`, isAnswer)).some(isPinned)
  }
  const isAdd = (path: string) => path.endsWith('/pin/add')

  describe('all of them: the node, and no CID is blamed', () => {
    test.each([
      ['pin/add answers with a proxy’s page', '/pin/add', badGateway],
      ['pin/add is reset', '/pin/add', 'reset'],
      ['the look whether a CID is pinned answers with a proxy’s page', '/pin/ls', badGateway],
      ['that look hangs', '/pin/ls', 'hang'],
    ] as const)('%s', async (_, path, fault) => {
      const wanted = await live(6)
      proxy.fault = (request) => (request.path.endsWith(path) ? fault : undefined)
      const result = await backUpBy(proxy.url, wanted)
      expect(result).toMatchObject({ pinned: [], failed: [], nodeError: { fault: 'unreachable' } })
      expect(textsOf(result.pending)).toEqual(wanted.toSorted())
    })

    test.each([
      ['a page in the place of the answer', { ...badGateway, status: 200 }, 'bad-answer'],
      ['a reset of what is a pin, and of nothing else', 'reset', 'unreachable'],
    ] as const)('%s', async (_, fault, kind) => {
      const wanted = await live(3)
      proxy.fault = ({ path, query }) =>
        isAdd(path) && wanted.includes(query.get('arg') ?? '') ? fault : undefined
      const result = await backUpBy(proxy.url, wanted)
      expect(result).toMatchObject({ pinned: [], failed: [], nodeError: { fault: kind } })
      expect(result.pending).toHaveLength(3)
    })

    test('a garbage collection waits for its lock', async () => {
      const folder = await source.add({ 'stuck/a': 'a', 'stuck/b': 'b' }, { cidVersion: 1 })
      await source.lose(folder.get('stuck/a') ?? '')
      const stuck = new AbortController()
      // One that has its lock and waits for a block; then the collection, which waits for that one.
      const held = await openPin(folder.get('stuck') ?? '', stuck.signal)
      await held.until('Progress')
      const collected = node.rpc('repo/gc')
      for (let number = 0; await isAddedAtOnce(identityCid(`before ${number}`)); number++) await sleep(50)
      const wanted = [...(await live(3)), identityCid('needs no network')]
      const result = await backUpBy(node.apiUrl, wanted)
      stuck.abort()
      expect(result).toMatchObject({ pinned: [], failed: [], nodeError: { fault: 'stuck' } })
      expect(result.nodeError?.message).toContain('garbage collection')
      expect(textsOf(result.pending)).toEqual(wanted.toSorted())
      await collected
      const after = await backUpBy(node.apiUrl, wanted)
      expect(after).toMatchObject({ failed: [], pending: [], nodeError: null })
    })
  })

  describe('some of them', () => {
    test('many: those that pass are pinned, the rest is not blamed and the node’s fault is told', async () => {
      const [good, bad] = [await live(4), await live(4)]
      proxy.fault = ({ path, query }) =>
        isAdd(path) && bad.includes(query.get('arg') ?? '') ? badGateway : undefined
      const result = await backUpBy(proxy.url, [...bad, ...good])
      expect(textsOf(result.pinned)).toEqual(good.toSorted())
      expect(result).toMatchObject({ failed: [], nodeError: { fault: 'unreachable' } })
      expect(textsOf(result.pending)).toEqual(bad.toSorted())
    })

    test.each([
      ['a proxy’s page', badGateway, 'something before the node answered with status 502'],
      ['a reset', 'reset', 'the connection to the node broke off'],
    ] as const)('one among many that do well belongs to its CID: %s', async (_, fault, reason) => {
      const [good, [bad = '']] = [await live(6), await live(1)]
      proxy.fault = ({ path, query }) => (isAdd(path) && query.get('arg') === bad ? fault : undefined)
      const result = await backUpBy(proxy.url, [bad, ...good])
      expect(textsOf(result.pinned)).toEqual(good.toSorted())
      expect(result.failed).toMatchObject([{ entry: { cid: { text: bad } }, reason, tries: 2 }])
      expect(result).toMatchObject({ pending: [], nodeError: null })
    })
  })

  describe('a CID for its own sake', () => {
    test.each([
      ['alone', 0],
      ['among others', 3],
    ])('that nobody has, %s', async (_, others) => {
      const dead = cids.next('raw')
      const good = others === 0 ? [] : await live(others)
      const result = await backUpBy(node.apiUrl, [dead, ...good], { stallTimeout: 1_500, attempts: 1 })
      expect(result).toMatchObject({
        failed: [{ entry: { cid: { text: dead } }, reason: 'no block of it came within 1.5 s' }],
        pending: [],
        nodeError: null,
      })
    })

    test.each([
      ['alone', 0],
      ['among others', 3],
    ])('whose content says that the disk is full, however many there are, %s', async (_, others) => {
      const hostile = Array.from({ length: 30 }, (__, index) => saysFull(index))
      const good = others === 0 ? [] : await live(others)
      const result = await backUpBy(node.apiUrl, [...hostile, ...good])
      expect(textsOf(result.pinned)).toEqual(good.toSorted())
      expect(result.failed).toHaveLength(30)
      expect(result.failed[0]?.reason).toBe('cannot repeat map key "no space left on device"')
      expect(result).toMatchObject({ pending: [], nodeError: null })
    })
  })

  describe('what never heals is told by its class, and tried once', () => {
    const dagPb = 0x70
    const dagCbor = 0x71
    const ofHash = (hash: number, length: number) =>
      CID.createV1(0x55, Digest.create(hash, new Uint8Array(length).fill(7))).toString()
    test.each<[string, string, ReasonClass]>([
      ['a hash that is not safe', ofHash(0x22, 8), 'refused-hash'],
      ['a hash that nobody knows', ofHash(0x9999, 32), 'refused-hash'],
      ['a short hash', ofHash(0x12, 16), 'digest-size'],
      ['a long identity CID', identityCid('x'.repeat(200)), 'digest-size'],
      ['a codec that nobody knows', inlineCid(0x300000, 'x'), 'unknown-codec'],
      ['broken dag-pb', inlineCid(dagPb, 'garbage'), 'undecodable'],
      ['broken dag-cbor', inlineCid(dagCbor, 'bbaaa'), 'undecodable'],
      ['broken dag-json', inlineCid(dagJson, '}'), 'undecodable'],
    ])('%s', async (_, cid, expected) => {
      const result = await backUpBy(node.apiUrl, [cid])
      expect(result.failed).toMatchObject([{ entry: { cid: { text: cid } }, class: expected, tries: 1 }])
      expect(result).toMatchObject({ pending: [], nodeError: null })
    })

    test('what ends too early may be of the network, too: it is told from that by what the node reads', async () => {
      const result = await backUpBy(node.apiUrl, [inlineCid(dagJson, '{"a')])
      expect(result.failed).toMatchObject([{ class: 'unreadable', tries: 2 }])
    })
  })

  test('a proxy that holds answers back until their end is recognised', async () => {
    const [good, dead] = [await live(3), cids.next('raw')]
    proxy.fault = ({ path }) => (isAdd(path) ? 'hold' : undefined)
    const result = await backUpBy(proxy.url, [dead, ...good], { attempts: 1 })
    expect(textsOf(result.pinned)).toEqual(good.toSorted())
    expect(result.failed).toEqual([])
    expect(textsOf(result.pending)).toEqual([dead])
    expect(result.nodeError?.message).toContain('proxy_buffering off')
  })

  test('leaves no pin and no block of its own, and takes none away', async () => {
    const users = identityCid('the user’s own')
    await node.rpc('pin/add', { arg: users })
    const before = await node.pins()
    const blocks = await node.run('refs', 'local')
    await backUpBy(node.apiUrl, [saysFull(99), inlineCid(dagJson, '{"a')])
    expect(await node.pins()).toEqual(before)
    expect(await node.run('refs', 'local')).toBe(blocks)
    expect(await pinsOf([users])).toEqual([users])
  })
})
