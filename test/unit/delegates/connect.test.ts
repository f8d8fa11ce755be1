import { afterAll, describe, expect, test, vi } from 'vitest'
import { type Connecting, connectDelegates, type Delegates } from '../../../src/delegates/connect.ts'
import type { SeenDelegate } from '../../../src/domain/delegate.ts'
import { Draft } from '../../../src/draft/draft.ts'
import { Http } from '../../../src/http/http.ts'
import { Kubo } from '../../../src/node/kubo/kubo.ts'
import { RunTime } from '../../../src/run-time.ts'
import { Snapshot } from '../../../src/snapshot/snapshot.ts'
import { peerIds } from '../../sandbox/identity.ts'
import { type SandboxKubo, startKubo } from '../../sandbox/kubo.ts'
import { emptySnapshot } from '../snapshot-file/empty.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const [alice] = peerIds(1) as [string]
const known = { peerId: alice, addrs: [`/ip4/93.184.216.34/tcp/4001/p2p/${alice}`] }

/** What the runs say in their logs. */
const said: string[] = []

/** What a run that connects to delegates comes to, once it has done what it is to do meanwhile. */
async function conclusionOf(
  server: SandboxKubo,
  peering: 'report' | 'connect' | 'save',
  meanwhile: (delegates: Delegates) => Promise<unknown>,
  seen: readonly SeenDelegate[] = [],
) {
  using time = new RunTime(new AbortController().signal, 600_000)
  const draft = new Draft()
  const work: Connecting = {
    config: { peering, endpoint: new URL('https://93.184.216.34/v1'), delegates: [known] },
    node: new Kubo({ http, url: new URL(server.url), authorization: undefined }),
    snapshot: new Snapshot(emptySnapshot()),
    time,
    log: { info: (line) => void said.push(line), debug: () => undefined, group: (_, work) => work() },
  }
  const delegates = await connectDelegates(work, { known: [known], seen }, server.peerId)
  await meanwhile(delegates)
  await delegates[Symbol.asyncDispose]()
  draft.note(...delegates.problems)
  return draft
}

const isOf = (command: string, path: string) => path === `/api/v0/swarm/peering/${command}`
const forbidden = { status: 403, body: '403 - Forbidden' }

describe('a node that is late at the end', () => {
  test('is waited for, which is said, and a warning, and no defect: the next run takes the peers away', async () => {
    await using server = await startKubo()
    // So is one that is slow at the beginning.
    server.intercept = ({ path }) => (path === '/api/v0/swarm/connect' ? 'hang' : undefined)
    said.length = 0
    const record = await conclusionOf(server, 'report', async () => {
      server.intercept = ({ path }) => (isOf('rm', path) ? 'hang' : undefined)
    })
    expect(said).toEqual([
      'Connecting to 1 delegate: waiting up to 10s',
      expect.stringMatching(/^Connected to 0 of 1 delegate/),
      'Taking the delegates out of the node’s peering: waiting up to 10s',
    ])
    expect(record.conclusion).toBe('ok')
    expect(record.errors).toEqual([])
    expect(record.warnings).toEqual([
      { where: 'peering', message: expect.stringContaining('the node did not answer in time') },
    ])
  })
})

describe('a look that fails', () => {
  /** The second look fails, as while the daemon restarts. */
  const fail = async (server: SandboxKubo, { connector }: Delegates) => {
    const asked = () => server.requests.filter(({ path }) => isOf('ls', path))
    const looksBefore = asked().length
    server.intercept = ({ path }) => (isOf('ls', path) ? forbidden : undefined)
    connector.lookAgain()
    await vi.waitFor(() => expect(asked()[looksBefore]?.status).toBe(403), 20_000)
    const peers = () => server.requests.filter(({ path }) => path === '/api/v0/swarm/peers').at(-1)
    await vi.waitFor(() => expect(peers()?.status).toBe(200), 20_000)
  }

  test.each(['report', 'connect'] as const)('is none where a later one goes well: %s', async (peering) => {
    await using server = await startKubo()
    const record = await conclusionOf(server, peering, async (delegates) => {
      await fail(server, delegates)
      server.intercept = undefined
      const before = server.requests.length
      // A second look begins only when the first has come to its end.
      await vi.waitFor(async () => {
        delegates.connector.lookAgain()
        const good = server.requests
          .slice(before)
          .filter(({ path, status }) => isOf('ls', path) && status === 200)
        expect(good.length).toBeGreaterThan(1)
      }, 60_000)
    })
    expect([record.conclusion, record.errors, record.warnings]).toEqual(['ok', [], []])
  })

  test.each([
    ['report', 'ok', 0, 1],
    ['connect', 'error', 1, 0],
  ] as const)('is said at the end where none does: %s', async (peering, conclusion, errors, warnings) => {
    await using server = await startKubo()
    const record = await conclusionOf(server, peering, async (delegates) => {
      await fail(server, delegates)
      // Else it can't be seen whom this run added, which is said too.
      server.intercept = ({ path }) => (isOf('ls', path) && peering === 'connect' ? forbidden : undefined)
    })
    expect(record.conclusion).toBe(conclusion)
    expect([record.errors.length, record.warnings.length]).toEqual([errors, warnings])
  })
})

test('of too many delegates those seen last are peered with', async () => {
  await using server = await startKubo()
  const seen = peerIds(1021).map((peerId, index) => ({
    address: `/ip4/8.8.8.8/tcp/${index + 1}/p2p/${peerId}`,
    peerId,
    firstSeen: index,
    lastSeen: index,
    exampleCid: 'bafkqaaa',
    buckets: ['photos'],
  }))
  const newest = seen.slice(-20).map(({ peerId }) => peerId)
  await conclusionOf(
    server,
    'connect',
    () => vi.waitFor(() => expect(server.swarm.peering.size).toBe(1000), { timeout: 60_000 }),
    seen,
  )
  expect([...server.swarm.peering.keys()]).toEqual(expect.arrayContaining(newest))
})
