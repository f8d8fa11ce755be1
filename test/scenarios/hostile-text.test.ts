import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { Mirror } from './mirror.ts'

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
