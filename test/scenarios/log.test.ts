import { describe, expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { Mirror, type Ran } from './mirror.ts'

/** What a person sees of the log, but for the lines of who looks for a fault. */
function linesOf({ log }: Ran): string[] {
  return log.split('\n').filter((line) => line !== '' && !/^::(?:add-mask|debug)::/.test(line))
}

/** The lines for who looks for a fault. */
function debugLinesOf({ log }: Ran): string[] {
  return log.split('\n').flatMap((line) => /^::debug::(.*)/.exec(line)?.[1] ?? [])
}

/** The same without what is folded away: on a busy machine there is more of that. */
function unfolded(ran: Ran): string[] {
  return linesOf(ran)
    .join('\n')
    .replace(/^::group::[\s\S]*?^::endgroup::\n?/gm, '')
    .split('\n')
}

test('a run that has nothing to do is a few lines, and no group is empty', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'videos'] })
  const cids = new Cids(1)
  mirror.service.bucket('photos').addAll(cids.take(3).map((cid) => ({ cid })))
  mirror.service.bucket('videos').addAll(cids.take(2).map((cid) => ({ cid })))
  const first = await mirror.run()
  expect(unfolded(first)).toEqual([
    'photos: 3 requests, all new',
    'videos: 2 requests, all new',
    expect.stringMatching(/^Kubo \S+: 0 recursive pins$/),
    '`delegates` is empty: the 3 peers that this first listing shows are taken as known from now on',
    'Connected to 3 of 3 delegates',
    '5 of 5 CIDs pinned',
    '5 CIDs were pinned on the node; nothing is missing',
  ])
  const second = await mirror.run()
  expect(unfolded(second)).toEqual([
    'All 2 buckets: nothing new, 5 requests',
    expect.stringMatching(/^Kubo \S+: 5 recursive pins$/),
    'Connected to 3 of 3 delegates',
    expect.any(String),
  ])
  for (const ran of [first, second]) {
    expect(ran.log).not.toMatch(/^::group::.*\n::endgroup::$/m)
    expect(debugLinesOf(ran)).toEqual([])
  }
})

test('the more fails, the log stays as long: by rounds and reasons', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'videos'], node: { progressEveryMs: 100 } })
  const cids = new Cids(2)
  const [live, dead, broken] = [cids.take(6), cids.take(20), cids.take(12)]
  mirror.service.bucket('photos').addAll([...dead, ...broken, ...live].map((cid) => ({ cid })))
  for (const cid of dead) mirror.node.setContent(cid, nowhere)
  for (const [index, cid] of broken.entries())
    mirror.node.setContent(cid, { blocks: 100, breaks: { after: index + 1 } })
  mirror.service.bucket('videos').refusal = {
    status: 401,
    reason: 'ERR_INVALID_TOKEN',
    details: 'no such key',
  }
  const ran = await mirror.run({ inputs: { attempts: '2', 'stall-timeout': '6s' } })
  expect(ran.report.backup?.failed).toHaveLength(32)
  const lines = linesOf(ran)
  expect(lines).toContainEqual('videos: not listed, it broke off after 1 request to the service')
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^Round 1 of 2: \d+ CIDs not pinned, tried again: (?:No block came|Stalled) \(\d+\)/,
    ),
  )
  expect(lines).toContainEqual(
    expect.stringMatching(/^6 of 38 CIDs pinned\. 32 failed: No block came \(20\); Stalled \(12\)$/),
  )
  // So many however many fail: but for those that say every few seconds how far it is.
  const others = lines.filter((line) => !/^\d+ (?:of 38 CIDs pinned \(|requests read)/.test(line))
  expect(others.length).toBeLessThan(20)
})

test('progress says which round runs, and when it is over', async () => {
  await using mirror = await Mirror.start()
  const [cid = '', ...live] = new Cids(3).take(4)
  mirror.service.bucket('photos').addAll([cid, ...live].map((one) => ({ cid: one })))
  mirror.node.setContent(cid, nowhere)
  const ran = await mirror.run({ inputs: { attempts: '2', 'stall-timeout': '6s' } })
  expect(linesOf(ran)).toContainEqual(
    expect.stringMatching(
      /^3 of 4 CIDs pinned \(75%\), 1 without success so far: round 2 of 2 waits up to 6s for each, done within \ds$/,
    ),
  )
})

describe('waiting is said', () => {
  test('for a service that is busy: once, for all that wait', async () => {
    await using mirror = await Mirror.start({ buckets: ['photos', 'videos', 'texts'] })
    let refusals = 3
    mirror.service.intercept = () =>
      refusals-- > 0 ? { status: 429, headers: { 'retry-after': '3' } } : undefined
    const ran = await mirror.run()
    expect(ran.report.conclusion).toBe('ok')
    expect(linesOf(ran).filter((line) => line.includes('busy'))).toEqual([
      'the service is busy (429): waiting 3s',
    ])
  })

  test('for a node whose proxy is busy', async () => {
    await using mirror = await Mirror.start()
    let refusals = 1
    mirror.node.intercept = () =>
      refusals-- > 0 ? { status: 503, headers: { 'retry-after': '2' } } : undefined
    const ran = await mirror.run()
    expect(ran.report.conclusion).toBe('ok')
    expect(linesOf(ran)).toContain('the node is busy (503): waiting 2s')
  })

  test('for GitHub, also where only its words ask for it', async () => {
    await using mirror = await Mirror.start()
    const [cid = ''] = new Cids(4).take(1)
    mirror.service.bucket('photos').add({ cid })
    mirror.node.setContent(cid, nowhere)
    let refusals = 1
    mirror.github.intercept = () =>
      refusals-- > 0
        ? { status: 403, headers: { 'retry-after': '2' }, body: '{"message":"a secondary rate limit"}' }
        : undefined
    const ran = await mirror.run()
    expect(mirror.github.issues).toHaveLength(1)
    expect(linesOf(ran)).toContain('GitHub is busy (403): waiting 2s')
  })
})

describe('with `ACTIONS_STEP_DEBUG`', () => {
  const env = { RUNNER_DEBUG: '1' }

  test('every request is a line, whoever is asked, and whatever came of it', async () => {
    const known = '/dns4/known.example/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
    await using mirror = await Mirror.start({
      buckets: ['photos', 'videos'],
      node: { authorization: 'Bearer secret-of-the-node' },
    })
    const cids = new Cids(5).take(12)
    mirror.service.bucket('photos').addAll(cids.map((cid) => ({ cid })))
    mirror.node.setContent(cids[0] ?? '', nowhere)
    mirror.service.bucket('videos').refusal = { status: 401, reason: 'NO', details: 'no such key' }
    const ran = await mirror.run({
      env,
      inputs: {
        delegates: known,
        'node-authorization': 'bearer:secret-of-the-node',
        'heartbeat-url': mirror.heartbeat.url,
      },
    })
    const lines = debugLinesOf(ran).filter((line) => /^(?:GET|POST|PATCH) /.test(line))
    const { service, node, github, heartbeat } = ran.asked
    const told = (address: string) => lines.filter((line) => line.includes(` ${address}`)).length
    expect(told(mirror.service.url)).toBe(service.length)
    expect(told(mirror.node.url)).toBe(node.length)
    expect(told(mirror.github.url)).toBe(github.length)
    expect(told('heartbeat-url')).toBe(heartbeat.length)
    expect(lines).toHaveLength(service.length + node.length + github.length + heartbeat.length)
    expect(lines).toContainEqual(expect.stringMatching(/pins\?status=.*: 200, 12 rows, \d/))
    expect(lines).toContainEqual(expect.stringMatching(/pins\?status=.*: 401, \d/))
    expect(lines).toContainEqual(expect.stringMatching(/pin\/add\?arg=.*: 200, \d+ rows?, \d/))
  })

  test('windows, tries and dials are lines, too', async () => {
    const known = '/dns4/known.example/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
    await using mirror = await Mirror.start()
    const [cid = ''] = new Cids(6).take(1)
    mirror.service.bucket('photos').add({ cid })
    const ran = await mirror.run({ env, inputs: { delegates: known } })
    const lines = debugLinesOf(ran)
    expect(lines).toContainEqual('photos, all time: 1 there, 1 read')
    expect(lines).toContainEqual(expect.stringMatching(`^${cid}, try 1: pinned, \\d`))
    expect(lines).toContainEqual(expect.stringMatching(/^dial of 12D3KooWNvyc1\w+: connected, \d/))
    expect(linesOf(ran)).toContain('Connected to 1 of 1 delegate')
  })

  test('what others say makes no command, and gives no secret away', async () => {
    // The rules, which are checked after each run, look for both in all of the log.
    await using mirror = await Mirror.start()
    const [cid = ''] = new Cids(7).take(1)
    mirror.service.bucket('photos').add({ cid, name: '\n::set-env name=PATH::/evil ##[add-path]/evil' })
    mirror.node.setContent(cid, { breaks: { after: 0, error: '\n::stop-commands::x ##[error]' } })
    const said = (token: string) => `${'x'.repeat(1_980)}${token}\n::set-output name=x::y`
    mirror.github.intercept = ({ headers }) => ({ status: 400, body: said(String(headers.authorization)) })
    const ran = await mirror.run({ env })
    expect(debugLinesOf(ran).length).toBeGreaterThan(10)
  })
})
