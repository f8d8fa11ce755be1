import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { files } from '../e2e/content.ts'
import { havePeers } from '../peers/build.ts'
import { identityCid, inlineCid, Kubo } from '../peers/kubo.ts'
import { ReverseProxy } from '../peers/proxy.ts'
import { Cids } from '../sandbox/identity.ts'
import { Mirror } from '../scenarios/mirror.ts'

/** SECURITY.md's table of what the node's RPC is asked for: paths by what they are for. */
const documented = new Map(
  readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8')
    .matchAll(/^\| (.+) \| ((?:`[a-z/]+`(?:, )?)+) \|$/gm)
    .map(([, what = '', paths = '']) => [what, paths.replaceAll('`', '').split(', ')]),
)
const any = 'every run'
const sync = 'every run but `inspect`'
const backup = 'a backup (`direction: backup` or `both`)'
const room = 'how much room the node has'
const fault = 'whose fault a failed pin is'
const verify = 'verifying what is pinned'
const gateways = '`gateways`'
const update = 'an update with `origins: auto`'
const peers = 'the service’s peers'.replace('’', "'")
const save = '`peering: save`'
const named = 'whom your config names, with `peering: report`'
const inspect = '`inspect`'

const withGateway = { 'Addresses.Gateway': '/ip4/127.0.0.1/tcp/0', 'Gateway.NoFetch': true }
/** What the node pins, and the service has pinned. */
const verified = 'verified'
const secret = 'a-word-for-some-paths'
const dagJson = 0x0129

describe.skipIf(!havePeers('kubo'))('real Kubo that allows the paths of SECURITY.md and no others', () => {
  let node: Kubo
  let service: Kubo
  let holder: Kubo
  let proxy: ReverseProxy
  const content: string[] = []
  /** What any of the runs has asked for, and was given. */
  const used = new Set<string>()
  beforeAll(async () => {
    ;[node, service, holder] = await Promise.all([Kubo.start(), Kubo.start(), Kubo.start(withGateway)])
    proxy = await ReverseProxy.before(node.apiUrl)
    content.push(...(await service.add(files('file', 20, 3_000), { pin: true })).values())
    for (const own of ['one', 'two', 'three', verified]) await node.rpc('pin/add', { arg: identityCid(own) })
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await Promise.all([node, service, holder].map((one) => one[Symbol.asyncDispose]()))
  })

  const both = { direction: 'both', origins: 'auto' }
  test.each<[string, Record<string, string>, readonly string[], readonly string[]]>([
    ['a dry run', { 'dry-run': 'true', 'keep-free': '0B' }, [any, sync], []],
    ['a backup', {}, [any, sync, backup, room, fault, verify, peers], [named]],
    [
      'a backup that may ask for no more than it must',
      { 'verify-time': '0s', 'keep-free': '0B' },
      [any, sync, backup, peers],
      [fault, named],
    ],
    ['a backup that may read the config', {}, [any, sync, backup, room, fault, verify, peers, named], []],
    [
      'a backup with gateways',
      { gateways: 'of the holder' },
      [any, sync, backup, room, fault, verify, gateways, peers],
      [named],
    ],
    ['an update', { direction: 'update', origins: 'auto' }, [any, sync, update, peers], [named]],
    ['an update without origins', { direction: 'update', origins: 'none' }, [any, sync, peers], [named]],
    ['both', both, [any, sync, backup, room, fault, verify, update, peers], [named]],
    [
      '`peering: connect`',
      { ...both, peering: 'connect' },
      [any, sync, backup, room, fault, verify, update, peers],
      [],
    ],
    [
      '`peering: save`',
      { ...both, peering: 'save' },
      [any, sync, backup, room, fault, verify, update, peers, save],
      [],
    ],
    ['an inspection', { inspect: identityCid('one') }, [any, inspect], []],
  ])('%s can do with these, and asks for no more', async (_, inputs, allowed, refused) => {
    const paths = (lines: readonly string[]) =>
      lines.flatMap((line) => documented.get(line) ?? [`no line ${line}`])
    await node.configure({
      'API.Authorizations': {
        mirror: {
          AuthSecret: `bearer:${secret}`,
          AllowedPaths: paths(allowed).map((path) => `/api/v0/${path}`),
        },
      },
    })
    await node.restart()
    await using mirror = await Mirror.start({
      service: {
        delegates: () => service.addresses.slice(0, 1),
        settle: () => ({ status: 'pinned', after: { requests: 1 } }),
      },
    })
    const photos = mirror.service.bucket('photos')
    const alive = content.splice(0, 2)
    const unreadable = inlineCid(dagJson, `{"${alive[0]}":`)
    const [nowhere = ''] = new Cids(content.length).take(1)
    for (const cid of [...alive, unreadable, nowhere, identityCid(verified)]) photos.add({ cid })
    const isHeld = inputs['gateways'] !== undefined
    const held = (await holder.add({ held: 'what only the gateway has' }, { pin: true })).get('held') ?? ''
    if (isHeld) photos.add({ cid: held })
    const before = proxy.passed.length
    const ran = await mirror.run({
      inputs: {
        'node-url': proxy.url,
        delegates: service.addresses[0] ?? '',
        'node-authorization': `bearer:${secret}`,
        'stall-timeout': '7s',
        'verify-time': '60s',
        attempts: '2',
        ...inputs,
        ...(isHeld && { gateways: await holder.gatewayUrl() }),
      },
    })

    const { report } = ran
    expect(report).toMatchObject({ errors: [], warnings: [] })
    if (inputs['inspect'] !== undefined)
      expect(report.inspect).toMatchObject([{ node: { pinned: { type: 'recursive' } } }])
    else if (inputs['dry-run'] !== undefined) expect(report.conclusion).toBe('ok')
    else {
      const backsUp = inputs['direction'] !== 'update'
      const expected = isHeld ? [...alive, held] : alive
      if (backsUp) expect(report.backup?.pinned.map(({ cid }) => cid).toSorted()).toEqual(expected.toSorted())
      if (backsUp) expect(report.backup?.failed).toHaveLength(2)
      if (inputs['direction'] !== undefined) expect(report.update?.pinned.length).toBeGreaterThanOrEqual(3)
    }
    const asked = proxy.passed
      .slice(before)
      .map(({ path, status }) => ({ path: path.slice('/api/v0/'.length), status }))
    const pathsOf = (is: (status: number | undefined) => boolean) =>
      [...new Set(asked.filter(({ status }) => is(status)).map(({ path }) => path))].toSorted()
    expect(paths(refused)).toEqual(expect.arrayContaining(pathsOf((status) => status === 403)))
    const given = pathsOf((status) => status !== 403)
    expect(paths(allowed)).toEqual(expect.arrayContaining(given))
    for (const path of given) used.add(path)
  })

  test('no path is documented that none of these runs needs', () => {
    // Only asked for where the service is at a public address.
    const elsewhere = documented.get(update) ?? []
    const needed = new Set([...documented.values()].flat())
    const unused = [...needed].filter((path) => !used.has(path) && !elsewhere.includes(path))
    expect(unused).toEqual([])
  })
})
