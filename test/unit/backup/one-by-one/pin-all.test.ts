import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test, vi } from 'vitest'
import type { BackupOptions, FailedPin, MissingPin } from '../../../../src/backup/missing-pins.ts'
import type { BackupDelegates } from '../../../../src/backup/one-by-one/pin-all.ts'
import { parseCid } from '../../../../src/domain/cid.ts'
import { Http } from '../../../../src/http/http.ts'
import { Intake } from '../../../../src/intake.ts'
import { Kubo } from '../../../../src/node/kubo/kubo.ts'
import { Cids } from '../../../sandbox/identity.ts'
import { nowhere, type SandboxKubo, startKubo } from '../../../sandbox/kubo.ts'
import { type BackupResult, resultOf } from './results.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const cids = new Cids(11)
const never = new AbortController().signal

interface Heard {
  readonly pinned: string[]
  readonly failed: FailedPin[]
}

interface Given extends Partial<BackupOptions> {
  readonly heard?: Heard
  readonly onPinned?: (entry: MissingPin) => void
  readonly delegates?: Partial<BackupDelegates>
  readonly intake?: Intake
  /** In the place of plain ones. */
  readonly entries?: readonly MissingPin[]
}

/** Backs up CIDs on a sandbox node, and checks what holds for every backup. */
async function backUpOn(
  server: SandboxKubo,
  wanted: readonly string[],
  given: Given = {},
): Promise<BackupResult> {
  const {
    heard = { pinned: [], failed: [] },
    onPinned,
    delegates,
    entries,
    intake = new Intake(null),
    ...options
  } = given
  const { signal = never, inTime = signal } = given
  const result = await resultOf(
    entries ?? wanted.map(missing),
    {
      node: new Kubo({ http, url: new URL(server.url), authorization: undefined }),
      delegates: {
        peerFor: () => Promise.resolve(),
        onNewPeer: () => ({ [Symbol.dispose]: () => undefined }),
        lookAgain: () => undefined,
        ...delegates,
      },
      intake,
      onPinned: (entry) => {
        heard.pinned.push(entry.cid.text)
        onPinned?.(entry)
      },
      onFailed: (failure) => heard.failed.push(failure),
    },
    {
      concurrency: 32,
      stallTimeout: 20_000,
      attempts: 2,
      ...options,
      signal,
      inTime,
    },
  )
  return result
}

function missing(text: string, index: number): MissingPin {
  const cid = parseCid(text)
  if (cid === undefined) throw new Error(`${text} does not parse`)
  return { index, cid, name: `name of ${text}`, bucket: 'photos', delegates: [], size: null }
}

const textsOf = (entries: readonly MissingPin[]) => entries.map(({ cid }) => cid.text)

/** The CIDs that the node was told to add, in the order in which it was. */
const added = (server: SandboxKubo) =>
  server.requests
    .filter(({ path }) => path === '/api/v0/pin/add')
    .map(({ query }) => query.get('arg') ?? '')
    // What the node is asked where it is in doubt that it answers at all.
    .filter((arg) => arg !== 'no-cid')

describe('what is missing', () => {
  test('is pinned with its name, so many at a time', async () => {
    // No line says that one waits, so that all of them count as those that move.
    await using server = await startKubo({ otherwise: nowhere, progressEveryMs: 60_000 })
    const wanted = cids.take(60)
    const all = setInterval(() => {
      if (server.mostAdding < 7) return
      clearInterval(all)
      for (const cid of wanted) server.setContent(cid, {})
    }, 10)
    const result = await backUpOn(server, wanted, { concurrency: 7 })
    expect(result).toMatchObject({ failed: [], pending: [], nodeError: null })
    expect([...server.pins].sort()).toEqual(
      wanted.map((cid) => [cid, { type: 'recursive', name: `name of ${cid}` }]).sort(),
    )
    expect(server.mostAdding).toBe(7)
    expect(added(server).sort()).toEqual([...wanted].sort())
  })

  test('is never added again where the node pins it, under either version of its CID', async () => {
    await using server = await startKubo()
    const [first, second] = [cids.bothVersions(), cids.bothVersions()]
    server.pin(first.v1)
    server.pin(second.v0)
    const raw = cids.next('raw')
    server.pin(raw)
    const result = await backUpOn(server, [first.v0, second.v1, raw])
    expect(result.pinned).toHaveLength(3)
    expect(added(server)).toEqual([])
  })

  test('is looked up again where it waited for its turn: someone may have pinned it meanwhile', async () => {
    await using server = await startKubo()
    const [first, waiting] = cids.take(2) as [string, string]
    server.setContent(first, { blocks: 4, msPerBlock: 400 })
    server.intercept = ({ path, query }) => {
      if (path === '/api/v0/pin/add' && query.get('arg') === first) setTimeout(() => server.pin(waiting), 300)
      // Its first look comes in before that, and is over before its turn.
      return path === '/api/v0/pin/ls' && query.get('arg') === waiting ? { delayMs: 50 } : undefined
    }
    const result = await backUpOn(server, [first, waiting], { concurrency: 1 })
    expect(result.pinned).toHaveLength(2)
    expect(added(server)).toEqual([first])
  })

  test('may be nothing', async () => {
    await using server = await startKubo()
    expect(await backUpOn(server, [])).toEqual({ pinned: [], failed: [], pending: [], nodeError: null })
    expect(server.requests).toEqual([])
  })

  test('is added where the node pins no more than its raw twin, or pins it only directly', async () => {
    await using server = await startKubo()
    const root = cids.next('dag-pb')
    const key = parseCid(root)?.key ?? ''
    const twin = `f${Buffer.from(`\x01\x55${key.slice(1)}`, 'latin1').toString('hex')}`
    const direct = cids.next('dag-pb')
    server.pin(twin)
    server.pin(direct, { type: 'direct' })
    await backUpOn(server, [root, direct])
    expect(added(server).sort()).toEqual([root, direct].sort())
  })
})

describe('dead CIDs', () => {
  test('never hold up live ones', async () => {
    await using server = await startKubo({ progressEveryMs: 10 })
    const dead = cids.take(40)
    const live = cids.take(260)
    for (const cid of dead) server.setContent(cid, nowhere)
    // More dead ones in front than there are places, and the rest among the live.
    const wanted = [...dead.slice(0, 35), ...live.slice(0, 100), ...dead.slice(35), ...live.slice(100)]
    const result = await backUpOn(server, wanted, { stallTimeout: 1500 })

    expect(textsOf(result.pinned).sort()).toEqual([...live].sort())
    expect(result.failed.map(({ entry }) => entry.cid.text).sort()).toEqual([...dead].sort())
    for (const { reason, tries } of result.failed)
      expect({ reason, tries }).toEqual({ reason: 'no block of it came within 1.5 s', tries: 2 })

    // No second try before every first one had its turn; those of the other 31 workers may still be on their way.
    const adds = added(server)
    const secondTry = adds.findIndex((cid, index) => adds.indexOf(cid) < index)
    expect(secondTry).toBeGreaterThanOrEqual(wanted.length - 31)
    expect(adds).toHaveLength(wanted.length + dead.length)
  })

  test('are known by numbers that stand still, though lines keep coming', async () => {
    await using server = await startKubo({ progressEveryMs: 5 })
    const cid = cids.next()
    server.setContent(cid, { blocks: 3, breaks: { after: 1 } })
    const result = await backUpOn(server, [cid], { stallTimeout: 300, attempts: 1 })
    expect(result.failed).toMatchObject([{ reason: 'no progress for 0.3 s after 1 block', tries: 1 }])
  })

  test('are not those that are only slow', async () => {
    await using server = await startKubo({ progressEveryMs: 10 })
    const cid = cids.next()
    server.setContent(cid, { blocks: 20, msPerBlock: 200 })
    const result = await backUpOn(server, [cid], { stallTimeout: 3000, attempts: 1 })
    expect(textsOf(result.pinned)).toEqual([cid])
    expect(added(server)).toHaveLength(1)
  })

  test('fail with what the node last said of them, after so many tries', async () => {
    await using server = await startKubo()
    const cid = cids.next()
    server.setContent(cid, { blocks: 2, breaks: { after: 1, error: 'pin: merkledag: not found' } })
    const result = await backUpOn(server, [cid, cids.next()], { attempts: 3 })
    expect(result.failed).toMatchObject([{ reason: 'merkledag: not found', tries: 3 }])
    expect(result.pinned).toHaveLength(1)
  })

  test('are pinned when a later try finds them', async () => {
    await using server = await startKubo()
    const cid = cids.next()
    server.setContent(cid, { breaks: { after: 0, error: 'pin: merkledag: not found' } })
    const other = cids.next()
    const result = await backUpOn(server, [cid, other], {
      concurrency: 1,
      onPinned: (entry) => entry.cid.text === other && server.setContent(cid, {}),
    })
    expect(textsOf(result.pinned)).toEqual([other, cid])
  })
})

describe('what waits for its first block', () => {
  test('holds up nothing: all live ones are pinned while the dead ones before them still wait', async () => {
    await using server = await startKubo({ progressEveryMs: 10 })
    const [dead, live] = [cids.take(100), cids.take(20)]
    for (const cid of dead) server.setContent(cid, nowhere)
    const heard: Heard = { pinned: [], failed: [] }
    const enough = new AbortController()
    const result = await backUpOn(server, [...dead, ...live], {
      heard,
      concurrency: 4,
      signal: enough.signal,
      onPinned: () => {
        if (heard.pinned.length === live.length) enough.abort()
      },
    })
    expect(textsOf(result.pinned).sort()).toEqual([...live].sort())
    // Each was added once: none of them had to end first.
    expect(added(server)).toHaveLength(120)
    expect(result.failed).toEqual([])
  })

  test('is in flight in no more than so many', async () => {
    await using server = await startKubo({ progressEveryMs: 10, otherwise: nowhere })
    const wanted = cids.take(60)
    const result = await backUpOn(server, wanted, { concurrency: 1, stallTimeout: 3_000, attempts: 1 })
    expect(result.failed).toHaveLength(60)
    expect(server.mostAdding).toBeLessThanOrEqual(49)
  })
})

describe('delegates', () => {
  const withDelegates = (text: string, delegates: readonly string[]): MissingPin => ({
    ...missing(text, 0),
    delegates,
  })

  test('of a pin are peered with before it is added; who waits long for that holds up nobody', async () => {
    await using server = await startKubo()
    const [slow, ...quick] = cids.take(20) as [string, ...string[]]
    const peered = Promise.withResolvers<void>()
    const asked: string[] = []
    const result = await backUpOn(server, [slow, ...quick], {
      concurrency: 1,
      entries: [withDelegates(slow, ['/dns4/slow/p2p/x']), ...quick.map(missing)],
      delegates: {
        peerFor: (addresses) => {
          asked.push(...addresses)
          return peered.promise
        },
      },
      onPinned: () => {
        if (server.pins.size === quick.length) peered.resolve()
      },
    })
    expect(asked).toEqual(['/dns4/slow/p2p/x'])
    expect(textsOf(result.pinned)).toEqual([...quick, slow])
    expect(added(server).at(-1)).toBe(slow)
  })

  test('that came meanwhile: what waits is started anew, once for all that came together, and it is no try', async () => {
    await using server = await startKubo({ progressEveryMs: 10 })
    const [waiting, moving] = cids.take(2) as [string, string]
    server.setContent(waiting, nowhere)
    server.setContent(moving, { blocks: 2, breaks: { after: 1 } })
    let newPeer: ((came: number) => void) | undefined
    const bothAdded = setInterval(() => {
      if (added(server).length < 2) return
      clearInterval(bothAdded)
      setTimeout(() => {
        for (let peer = 0; peer < 5; peer++) newPeer?.(performance.now())
      }, 300)
    }, 10)
    const result = await backUpOn(server, [waiting, moving], {
      stallTimeout: 3_000,
      attempts: 1,
      delegates: {
        onNewPeer: (listener) => {
          newPeer = listener
          return { [Symbol.dispose]: () => undefined }
        },
      },
    })
    expect(result.failed.map(({ entry, tries }) => [entry.cid.text, tries]).sort()).toEqual(
      [
        [waiting, 1],
        [moving, 1],
      ].sort(),
    )
    expect(added(server).toSorted()).toEqual([waiting, waiting, moving].toSorted())
  })
})

test('a delegate that came before a pin began, and is told of later, does not start it anew', async () => {
  await using server = await startKubo({ progressEveryMs: 10 })
  const waiting = cids.next()
  server.setContent(waiting, nowhere)
  const cameBy = performance.now()
  let tell: NodeJS.Timeout | undefined
  const result = await backUpOn(server, [waiting], {
    stallTimeout: 1_500,
    attempts: 1,
    delegates: {
      onNewPeer: (listener) => {
        tell = setInterval(() => listener(cameBy), 100)
        return { [Symbol.dispose]: () => clearInterval(tell) }
      },
    },
  })
  expect(result.failed).toHaveLength(1)
  expect(added(server)).toEqual([waiting])
})

describe('a connection that breaks', () => {
  test("is the CID's failed try where the node still answers", async () => {
    await using server = await startKubo()
    const [bad, good] = cids.take(2) as [string, string]
    server.intercept = ({ path, query }) =>
      path === '/api/v0/pin/add' && query.get('arg') === bad ? 'cut' : undefined
    const result = await backUpOn(server, [bad, good])
    expect(result.failed).toMatchObject([{ reason: 'the connection to the node broke off', tries: 2 }])
    expect(textsOf(result.pinned)).toEqual([good])
    expect(result.nodeError).toBeNull()
  })

  test('does not make it add again what it pinned before it broke', async () => {
    await using server = await startKubo()
    const cid = cids.next()
    server.intercept = ({ path, query }) =>
      path === '/api/v0/pin/add' && query.get('arg') === cid ? 'truncate' : undefined
    const result = await backUpOn(server, [cid])
    expect(textsOf(result.pinned)).toEqual([cid])
    expect(added(server)).toEqual([cid])
  })

  test('costs nothing where the node comes back', async () => {
    await using server = await startKubo({ otherwise: { msPerBlock: 5 } })
    const wanted = cids.take(40)
    let restart: Promise<unknown> | undefined
    const result = await backUpOn(server, wanted, {
      concurrency: 8,
      attempts: 3,
      onPinned: () => {
        restart ??= server.stop().then(() => server.listen())
      },
    })
    await restart
    expect(textsOf(result.pinned).sort()).toEqual([...wanted].sort())
  })
})

describe('a node that is back', () => {
  test('costs no try, however many pins waited, and its peering is looked at anew', async () => {
    await using server = await startKubo({ otherwise: nowhere, progressEveryMs: 10 })
    const wanted = cids.take(100)
    let looks = 0
    const backup = backUpOn(server, wanted, { attempts: 1, delegates: { lookAgain: () => looks++ } })
    await vi.waitFor(() => expect(added(server)).toHaveLength(100), 20_000)
    await server.stop()
    await sleep(300)
    expect(looks).toBe(0)
    for (const cid of wanted) server.setContent(cid, {})
    await server.listen()
    expect(await backup).toMatchObject({ pinned: { length: 100 }, failed: [], nodeError: null })
    expect(looks).toBeGreaterThan(0)
  })

  test('is one of no use where it breaks off again and again', async () => {
    await using server = await startKubo()
    server.intercept = ({ path, query }) =>
      path === '/api/v0/pin/add' && query.get('arg') !== 'no-cid' ? 'cut' : undefined
    const result = await backUpOn(server, cids.take(300), { concurrency: 4 })
    expect(result).toMatchObject({ pinned: [], failed: [], nodeError: { fault: 'unreachable' } })
    expect(added(server).length).toBeLessThan(100)
  })
})

describe('a refusal', () => {
  const refused = { breaks: { after: 0, error: 'pin: not of this kind' } }

  test("is the CID's where the node does well by others after it, also when the time ends before its next try", async () => {
    await using server = await startKubo()
    const [bad, good] = [cids.take(5), cids.take(100)]
    for (const cid of bad) server.setContent(cid, refused)
    const enough = new AbortController()
    const result = await backUpOn(server, [...bad, ...good], {
      concurrency: 1,
      inTime: enough.signal,
      onPinned: () => server.pins.size === 20 && enough.abort(),
    })
    expect(result.nodeError).toBeNull()
    expect(textsOf(result.failed.map(({ entry }) => entry)).sort()).toEqual(bad.toSorted())
  })

  test("is the CID's where its last try comes when nobody else is left", async () => {
    await using server = await startKubo()
    const [bad, good] = [cids.take(5), cids.take(20)]
    for (const cid of bad) server.setContent(cid, refused)
    const result = await backUpOn(server, [...bad, ...good], { concurrency: 1 })
    expect(result.nodeError).toBeNull()
    expect(result.failed).toMatchObject(bad.map(() => ({ reason: 'not of this kind', tries: 2 })))
  })

  test.each([
    ['the CID’s, where the node stores what it is given', false],
    ['the node’s, where it does not', true],
  ])('of the only CID is %s', async (_, isBroken) => {
    await using server = await startKubo({ otherwise: refused })
    server.intercept = ({ path }) =>
      isBroken && path === '/api/v0/block/put'
        ? { status: 500, body: JSON.stringify({ Message: 'leveldb: closed', Code: 0, Type: 'error' }) }
        : undefined
    const { failed, nodeError } = await backUpOn(server, cids.take(1))
    expect([failed.length, nodeError?.fault]).toEqual(isBroken ? [0, 'bad-answer'] : [1, undefined])
  })
})

test('a pin that begins to move while the node is asked whether it has its root is not ended', async () => {
  await using server = await startKubo({ otherwise: nowhere, progressEveryMs: 10 })
  const cid = cids.next()
  const lacking = JSON.stringify({ Message: 'block was not found locally', Code: 0, Type: 'error' })
  server.intercept = ({ path }) => {
    if (path !== '/api/v0/block/stat') return undefined
    server.setContent(cid, { blocks: 40, msPerBlock: 50 })
    return { status: 500, body: lacking, delayMs: 1000 }
  }
  const result = await backUpOn(server, [cid], { stallTimeout: 900, attempts: 1 })
  expect(textsOf(result.pinned)).toEqual([cid])
  expect(added(server)).toEqual([cid])
})

describe('a fault of the whole node', () => {
  test('ends the backup where the node is gone, and is held against no CID', async () => {
    await using server = await startKubo({ otherwise: { msPerBlock: 5 } })
    const wanted = cids.take(100)
    const heard: Heard = { pinned: [], failed: [] }
    let stopped: Promise<void> | undefined
    const result = await backUpOn(server, wanted, {
      heard,
      concurrency: 8,
      stallTimeout: 600,
      onPinned: () => {
        if (heard.pinned.length >= 20) stopped ??= server.stop()
      },
    })
    await stopped
    expect(result.nodeError?.fault).toBe('unreachable')
    expect(result.failed).toEqual([])
    expect(result.pending).toHaveLength(100 - result.pinned.length)
  })

  test('ends it where the node hangs', async () => {
    await using server = await startKubo()
    const wanted = cids.take(5)
    server.intercept = ({ path }) =>
      path === '/api/v0/pin/add' ? 'cut' : path === '/api/v0/pin/ls' ? undefined : 'hang'
    const result = await backUpOn(server, wanted, { stallTimeout: 600 })
    expect(result.nodeError?.fault).toBe('unreachable')
    expect(result.pending).toHaveLength(5)
  })

  test('ends it at once where the disk is full, with what is in flight', async () => {
    await using server = await startKubo({ otherwise: nowhere })
    const [live, ...rest] = cids.take(50) as [string, ...string[]]
    server.setContent(live, {})
    server.setContent(rest[0] ?? '', { blocks: 1000, msPerBlock: 100 })
    const result = await backUpOn(server, [live, ...rest], {
      concurrency: 8,
      onPinned: () => {
        server.isFull = true
      },
    })
    expect(result.nodeError?.fault).toBe('no-space')
    expect(result.nodeError?.message).toContain('cannot store more: write /data/ipfs/blocks')
    expect(textsOf(result.pinned)).toEqual([live])
    expect(result.failed).toEqual([])
    expect(server.pins.size).toBe(1)
  })

  test('ends it where nothing moves, not even what it has: a lock holds up every pin', async () => {
    await using server = await startKubo({ progressEveryMs: 10 })
    server.isLocked = true
    const wanted = [...cids.take(2), cids.next('identity')]
    const result = await backUpOn(server, wanted, { stallTimeout: 1_500 })
    expect(result).toMatchObject({ failed: [], nodeError: { fault: 'stuck' } })
    expect(result.pending).toHaveLength(3)
  })

  test('is none where a lock passes', async () => {
    await using server = await startKubo({ progressEveryMs: 10 })
    server.isLocked = true
    setTimeout(() => {
      server.isLocked = false
    }, 1_000)
    const result = await backUpOn(server, cids.take(3), { stallTimeout: 10_000 })
    expect(result.pinned).toHaveLength(3)
  })

  test('is one where it refuses all alike, though it has none of it', async () => {
    await using server = await startKubo({
      otherwise: { breaks: { after: 0, error: 'pin: block was not found locally (offline)' } },
    })
    const result = await backUpOn(server, cids.take(3))
    expect(result).toMatchObject({ failed: [], nodeError: { fault: 'bad-answer' } })
    expect(result.nodeError?.message).toContain('block was not found locally (offline)')
    expect(result.pending).toHaveLength(3)
  })

  test('ends it soon where it refuses all alike of very many', async () => {
    await using server = await startKubo({
      otherwise: { breaks: { after: 0, error: 'pin: leveldb: closed' } },
    })
    const result = await backUpOn(server, cids.take(500), { concurrency: 4 })
    expect(result).toMatchObject({ failed: [], nodeError: { fault: 'bad-answer' } })
    expect(added(server).length).toBeLessThan(50)
  })

  test('that is full is none where only content says so', async () => {
    await using server = await startKubo()
    const [hostile, live] = [cids.take(20), cids.take(5)]
    for (const cid of hostile) server.setContent(cid, { unreadable: 'no space left on device' })
    const result = await backUpOn(server, [...hostile, ...live], { attempts: 1 })
    expect(result.nodeError).toBeNull()
    expect(textsOf(result.pinned).sort()).toEqual([...live].sort())
    expect(result.failed).toHaveLength(20)
  })

  test('that is full is believed of a second CID where the node lets nobody store', async () => {
    await using server = await startKubo()
    server.intercept = ({ path }) =>
      path === '/api/v0/block/put' ? { status: 404, body: '404 page not found' } : undefined
    server.isFull = true
    const result = await backUpOn(server, cids.take(3), { concurrency: 1 })
    expect(result).toMatchObject({ failed: [], nodeError: { fault: 'no-space' } })
    expect(added(server).length).toBeGreaterThanOrEqual(2)
  })

  test('ends it where the node no longer lets the mirror in', async () => {
    await using server = await startKubo()
    server.intercept = () => (added(server).length > 3 ? { status: 403, body: '403 - Forbidden' } : undefined)
    const result = await backUpOn(server, cids.take(20), { concurrency: 1 })
    expect(result.nodeError?.fault).toBe('unauthorised')
    expect(result.pinned).toHaveLength(3)
    expect(result.failed).toEqual([])
  })
})

describe('the end of time', () => {
  test('leaves pending what is in flight or untried; what was tried in vain has failed', async () => {
    await using server = await startKubo({ otherwise: nowhere })
    const [bad, slow, untried] = cids.take(3) as [string, string, string]
    server.setContent(bad, { unreadable: 'unexpected EOF' })
    server.setContent(slow, { blocks: 2, breaks: { after: 1 } })
    const result = await backUpOn(server, [bad, slow, untried], {
      concurrency: 1,
      inTime: AbortSignal.timeout(3000),
    })
    expect(result.failed).toMatchObject([
      { entry: { cid: { text: bad } }, reason: 'unexpected EOF', tries: 1 },
    ])
    expect(textsOf(result.pending)).toEqual([slow, untried])
    expect(result.nodeError).toBeNull()
    expect(added(server)).toEqual([bad, slow])
  })

  test('starts nothing when it has passed', async () => {
    await using server = await startKubo()
    const result = await backUpOn(server, cids.take(3), { inTime: AbortSignal.abort() })
    expect(result.pending).toHaveLength(3)
    expect(server.requests).toEqual([])
  })
})

test('may have more patience than a timer can count', async () => {
  await using server = await startKubo({ otherwise: { msPerBlock: 50 } })
  const far = { stallTimeout: 60 * 24 * 3_600_000, attempts: 1 }
  expect((await backUpOn(server, cids.take(3), far)).pinned).toHaveLength(3)
})

describe('a cancel', () => {
  test('leaves pending all that is not done, also what was tried in vain', async () => {
    await using server = await startKubo({ otherwise: nowhere })
    const [bad, live, ...rest] = cids.take(40) as [string, string, ...string[]]
    server.setContent(bad, { breaks: { after: 0, error: 'pin: merkledag: not found' } })
    server.setContent(live, { msPerBlock: 200 })
    const cancel = new AbortController()
    const result = await backUpOn(server, [bad, live, ...rest], {
      concurrency: 8,
      signal: cancel.signal,
      onPinned: () => cancel.abort(),
    })
    expect(textsOf(result.pinned)).toEqual([live])
    expect(result.failed).toEqual([])
    expect(textsOf(result.pending)).toContain(bad)
    expect(result.pending).toHaveLength(39)
  })

  test('that came before starts nothing', async () => {
    await using server = await startKubo()
    const result = await backUpOn(server, cids.take(3), { signal: AbortSignal.abort() })
    expect(result.pending).toHaveLength(3)
    expect(server.requests).toEqual([])
  })
})

test('ends with the error of a result that could not be kept', async () => {
  await using server = await startKubo({ otherwise: nowhere })
  const [live, ...rest] = cids.take(5) as [string, ...string[]]
  server.setContent(live, {})
  const failure = new Error('SQLITE_FULL')
  const onPinned = () => {
    throw failure
  }
  await expect(backUpOn(server, [live, ...rest], { onPinned })).rejects.toBe(failure)
})
