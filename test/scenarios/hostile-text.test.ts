import { base58btc } from 'multiformats/bases/base58'
import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { Mirror, posted } from './mirror.ts'

const known = '/dns4/known.example/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const hostile = [
  '\n::set-env name=PATH::/evil',
  '##[add-path]/evil',
  '::stop-commands::x',
  '@octocat and #1 and GH-1',
  '<img src=x onerror=alert(1)> <!-- -->',
  '](https://evil.example) [click](https://evil.example) https://evil.example',
  '| a | b |\n|---|\n# heading\n```',
  '\u001b[31mred\u202egnirts\u0000',
  '%0A::error::forged',
]

test('names, reasons, CIDs, requestids and delegates of others come alive nowhere', async () => {
  await using mirror = await Mirror.start({
    service: { delegates: (row) => hostile.map((text) => `/dns4/${text}/tcp/4001/p2p/${row.cid}`) },
  })
  const cids = new Cids(1)
  const photos = mirror.service.bucket('photos')
  for (const [index, text] of hostile.entries()) {
    const created = 1.7e12 + index * 1000
    const cid = cids.next()
    photos.add({ cid, name: text, created })
    mirror.node.setContent(cid, { breaks: { after: 0, error: text } })
    photos.add({ cid: cids.next(), name: text, status: 'failed', reason: text, created })
    photos.add({ cid: `Qm${text}`, requestid: `id ${text}`, name: text, created })
  }
  // One does well after them all: then a refusal is the fault of the CID that is refused.
  const good = cids.next()
  photos.add({ cid: good })
  mirror.node.setContent(good, { blocks: 30, msPerBlock: 100 })
  const ran = await mirror.run({ inputs: { delegates: known } })
  expect(ran.report.delegates.unknown.length).toBeGreaterThan(0)
  expect(ran.report).toMatchObject({ conclusion: 'failed-pins', backup: { missing: hostile.length + 1 } })
  expect(ran.report.buckets[0]?.invalid).toHaveLength(hostile.length)
  expect(ran.report.buckets[0]?.failedRequests).toHaveLength(hostile.length)
  const issue = mirror.github.issues[0]
  for (const text of [ran.summary, issue?.body ?? '', ...(issue?.comments ?? []).map(({ body }) => body)]) {
    for (const live of [
      '@octocat',
      '#1 ',
      '<img',
      '](https://evil',
      'https://evil',
      '\n# heading',
      '\u001b',
      '\u202e',
    ])
      expect(text).not.toContain(live)
  }
  expect(ran.summary).toContain('octocat')
  expect(issue?.body).toContain('octocat')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(ran.log.replace(/[\n\r]/g, '')).not.toMatch(/[\u0000-\u001f\u202e]/)
})

test('what the service says of a refusal comes alive nowhere', async () => {
  await using mirror = await Mirror.start()
  const said = { reason: hostile.join(' '), details: hostile.join('\n') }
  mirror.service.intercept = () => ({ status: 400, body: JSON.stringify({ error: said }) })
  const ran = await mirror.run()
  expect(ran.report.errors).toMatchObject([
    { where: 'bucket photos', message: expect.stringContaining('octocat') },
  ])
  expect(ran.summary).not.toMatch(/@octocat|<img|\]\(https:\/\/evil|\n# heading/)
})

test('a CID that does not parse is reported, and the rest goes on', async () => {
  await using mirror = await Mirror.start()
  const good = new Cids(2).next()
  const photos = mirror.service.bucket('photos')
  const bad = ['bafynonsense', '', 'Qm', 'not a cid', 'ipfs://bafy']
  for (const [index, cid] of bad.entries()) photos.add({ cid, requestid: `bad-${index}` })
  photos.add({ cid: good })
  for (const mode of ['cold', 'incremental']) {
    const ran = await mirror.run()
    expect(ran.report.buckets[0]?.listing).toMatchObject({ mode, complete: true })
    expect(ran.report.buckets[0]?.cids).toBe(1)
    expect(ran.report.buckets[0]?.invalid).toEqual(
      expect.arrayContaining(
        bad.map((cid, index) => expect.objectContaining({ requestid: `bad-${index}`, cid })),
      ),
    )
    expect(ran.report).toMatchObject({
      conclusion: 'ok',
      warnings: expect.arrayContaining([expect.objectContaining({ where: 'bucket photos' })]),
    })
    expect(ran.summary).toContain('5 requests cannot be read')
  }
  expect(mirror.node.pins.has(good)).toBe(true)
})

/** An address that ends in a peer ID of so many bytes. */
const longPeer = (bytes: number) =>
  `/ip4/203.0.113.5/tcp/4001/p2p/${base58btc.encode(Uint8Array.from([0, bytes, ...Array(bytes).fill(7)])).slice(1)}`

test.each<[string, { readonly delegates?: readonly string[]; readonly date?: string }]>([
  ['delegates of control characters', { delegates: Array(20).fill('\u0001'.repeat(996)) }],
  ['delegates of halves of characters', { delegates: Array(20).fill('\ud800'.repeat(996)) }],
  ['a delegate with a peer ID as long as its address', { delegates: [longPeer(127)] }],
  ['a clock that no date tells', { date: 'Fri, 13 Sep 275760 00:00:00 GMT' }],
])('what a service says is kept so that the next run reads it: %s', async (_, { delegates, date }) => {
  await using mirror = await Mirror.start()
  const cids = new Cids(3)
  const row = {
    requestid: 'a',
    status: 'pinned',
    created: '2024-01-01T00:00:00Z',
    pin: { cid: cids.next() },
    delegates: delegates?.map((address, n) =>
      delegates.length > 1 ? `/${100 + n}${address.slice(4)}` : address,
    ),
  }
  const headers = { 'content-type': 'application/json', ...(date !== undefined && { date }) }
  mirror.node.pin(cids.next())
  // Whether it was taken is in doubt then: who forgets that buys it twice.
  mirror.service.intercept = ({ method }) =>
    method === 'POST' ? 'cut' : { status: 200, headers, body: JSON.stringify({ count: 1, results: [row] }) }
  const inputs = { direction: 'both', 'settle-timeout': '1s' }
  const [first, second] = [await mirror.run({ inputs }), await mirror.run({ inputs })]
  expect(posted(first)).toHaveLength(1)
  expect(second.report.warnings.filter(({ where }) => where === 'snapshot')).toEqual([])
  expect(posted(second)).toEqual([])
})

test('metadata too deep to be written again is left alone, and the rest goes on', async () => {
  await using mirror = await Mirror.start()
  const cids = new Cids(4).take(2)
  const created = '2024-01-01T00:00:00Z'
  const failed = (meta: string) =>
    `{"requestid":"deep","status":"failed","created":"${created}","pin":{"cid":"${cids[0]}","meta":${meta}},"delegates":[]}`
  const deep = failed(`{"a":${'['.repeat(60_000)}${']'.repeat(60_000)}}`)
  for (const cid of cids) mirror.node.pin(cid)
  mirror.service.intercept = ({ method, path }) => {
    if (method === 'POST') return undefined
    return { status: 200, body: path.endsWith('/deep') ? deep : `{"count":1,"results":[${deep}]}` }
  }
  const { report } = await mirror.run({ inputs: { direction: 'update', 'settle-timeout': '1s' } })
  expect(report.errors).toEqual([])
  expect(report.update?.unsent).toMatchObject([{ cid: cids[0] }])
  expect(report.warnings).toMatchObject([
    { message: expect.stringContaining('larger or deeper than any is') },
  ])
  expect(mirror.service.bucket('photos').size).toBe(1)
})
