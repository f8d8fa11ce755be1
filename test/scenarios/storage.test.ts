import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere, rpcFailure } from '../sandbox/kubo.ts'
import { added, Mirror } from './mirror.ts'

const block = 100_000_000

/** A service with CIDs of so many bytes each, the newest first, and a node that has none. */
async function withMissing(sizes: readonly number[], seed: number) {
  const mirror = await Mirror.start()
  const cids = new Cids(seed).take(sizes.length)
  for (const [index, cid] of cids.entries()) {
    const size = sizes[index] as number
    const created = Date.now() - 60_000 * (index + 1)
    mirror.service.bucket('photos').add({ cid, size, created })
    mirror.node.setContent(cid, { blocks: 1, bytesPerBlock: size })
  }
  return { mirror, cids }
}

/** The warnings about the node. */
const saidOfNode = ({ warnings }: { readonly warnings: readonly { where: string; message: string }[] }) =>
  warnings.filter(({ where }) => where === 'node').map(({ message }) => message)
/** One after the other. */
const slowly = { concurrency: '1' }
const errorsOf = ({ errors }: { readonly errors: readonly { readonly message: string }[] }) =>
  errors.map(({ message }) => message).join('\n')

test('what is fetched, missing and free is in the report and the summary', async () => {
  const { mirror } = await withMissing([3 * block, block], 41)
  await using _ = mirror
  mirror.node.diskSize = 10_000_000_000
  const { report, summary } = await mirror.run()
  expect(report).toMatchObject({
    conclusion: 'ok',
    storage: { missing: 4 * block, unknown: 0, room: 5_000_000_000, fetched: 4 * block, stoppedBy: null },
  })
  expect(summary).toMatch(/ pins · 400 MB fetched\W/)
  expect(summary).toContain('Missing: up to 400 MB · room beyond `keep-free`: 5 GB · fetched: 400 MB\n')
  const quiet = await mirror.run()
  expect(quiet.report.storage).toBeNull()
  expect(quiet.asked.node.some(({ path }) => path.endsWith('repo/stat'))).toBe(false)
})

test('max-bytes ends a run in good order, and the next one goes on', async () => {
  const { mirror, cids } = await withMissing([block, block, block], 42)
  await using _ = mirror
  const inputs = { ...slowly, 'max-bytes': '150MB' }
  const first = await mirror.run({ inputs })
  expect(first.report).toMatchObject({
    conclusion: 'out-of-time',
    errors: [],
    backup: { pinned: [{ cid: cids[0] }, { cid: cids[1] }], pending: [{ cid: cids[2] }], failed: [] },
    storage: { fetched: 2 * block, stoppedBy: 'max-bytes' },
    leftBy: ['max-bytes'],
  })
  expect(first.exitCode).toBe(0)
  expect(first.summary).toMatch(
    /^## ⏱️ .*max-bytes.* is used up: 2 CIDs were pinned on the node, 1 is left for the next run\n/,
  )
  expect(first.summary).not.toContain('time-limit')
  expect(added(first)).toEqual(cids.slice(0, 2))
  expect((await mirror.run({ inputs })).report).toMatchObject({
    conclusion: 'ok',
    backup: { pinned: [{ cid: cids[2] }] },
  })
})

test('all that left work to the next run is named', async () => {
  const { mirror, cids } = await withMissing([block, block, block], 47)
  await using _ = mirror
  // It never settles at the service.
  mirror.node.pin(new Cids(48).next())
  const ran = await mirror.run({
    inputs: { ...slowly, direction: 'both', origins: 'none', 'max-bytes': '150MB', 'time-limit': '20s' },
  })
  expect(ran.report).toMatchObject({
    conclusion: 'out-of-time',
    leftBy: ['time-limit', 'max-bytes'],
    backup: { pinned: [{ cid: cids[0] }, { cid: cids[1] }], pending: [{ cid: cids[2] }] },
    update: { pending: [{}] },
  })
  expect(ran.log.trimEnd().split('\n').at(-1)).toBe(
    'Time ran out and `max-bytes` is used up: 2 CIDs were pinned on the node, 2 are left for the next run',
  )
})

test('what nobody has uses up nothing of max-bytes', async () => {
  const { mirror, cids } = await withMissing([50 * block, block], 43)
  await using _ = mirror
  mirror.node.setContent(cids[0] ?? '', nowhere)
  const { report } = await mirror.run({ inputs: { 'max-bytes': '500MB' } })
  expect(report).toMatchObject({
    conclusion: 'failed-pins',
    backup: { pinned: [{ cid: cids[1] }], failed: [{ cid: cids[0] }] },
    storage: { missing: 51 * block, fetched: block, stoppedBy: null },
  })
})

test('below keep-free nothing is begun, it is said before, and it is an error', async () => {
  const { mirror, cids } = await withMissing([block, 4 * block, block, block], 44)
  await using _ = mirror
  mirror.node.diskSize = 5_250_000_000
  const ran = await mirror.run({ inputs: slowly })
  expect(ran.report).toMatchObject({
    conclusion: 'error',
    backup: { missing: 4, pinned: [{ cid: cids[0] }, { cid: cids[2] }], failed: [], pending: [{}, {}] },
    storage: { missing: 7 * block, room: 250_000_000, fetched: 2 * block, stoppedBy: 'keep-free' },
  })
  expect(added(ran)).toEqual([cids[0], cids[2]])
  expect(ran.report.warnings.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^up to 700 MB are missing, and the node has room for 250 MB before .* 5 GB free/),
  )
  expect(errorsOf(ran.report)).toMatch(
    /^2 CIDs wait for room, of which 2 with 500 MB would leave the node less than 5 GB free/,
  )
  expect(ran.summary).toMatch(/^## ❌ The node has no room for 2 CIDs\n/)
  // What was said before and what came of it are one thing to do.
  expect(ran.summary.match(/^1\. \*\*Make room on the node\.\*\*\n {3}- .*\n {3}- .*$/m)?.[0]).toMatch(
    /2 CIDs wait for room.*\n.*Up to 700 MB are missing/,
  )
  expect(ran.log).toMatch(
    /^Room: up to 700 MB are missing(.|\n)*^2 of 4 CIDs pinned\. 2 left for the next run$/m,
  )
  // Nothing is held against the CIDs, and with room all goes on.
  mirror.node.diskSize = 1_000_000_000_000
  expect((await mirror.run()).report).toMatchObject({ conclusion: 'ok', backup: { pinned: [{}, {}] } })
})

test('a node that is full from the start is asked for nothing', async () => {
  const { mirror, cids } = await withMissing([block, block], 45)
  await using _ = mirror
  mirror.node.diskSize = 4_000_000_000
  const full = await mirror.run()
  expect(full.report).toMatchObject({ conclusion: 'error', backup: { pinned: [], pending: [{}, {}] } })
  expect(errorsOf(full.report)).toMatch(/less than 5 GB free .* 2 CIDs wait for room/)
  expect(added(full)).toEqual([])
  expect(mirror.heartbeat.requests).toEqual([])

  const free = await mirror.run({ inputs: { 'keep-free': '0B' } })
  expect(free.report).toMatchObject({
    conclusion: 'ok',
    backup: { pinned: [{}, {}] },
    storage: { room: null },
  })
  expect(added(free).toSorted()).toEqual(cids.toSorted())
})

test('StorageMax counts where somebody chose it, and not as a new repository has it', async () => {
  const { mirror, cids } = await withMissing([9 * block, block], 46)
  await using _ = mirror
  mirror.node.storageMax = 5_500_000_000
  const chosen = await mirror.run()
  expect(chosen.report).toMatchObject({
    conclusion: 'error',
    backup: { pinned: [{ cid: cids[1] }], pending: [{ cid: cids[0] }] },
    storage: { room: 500_000_000 },
  })
  mirror.node.storageMax = 10_000_000_000
  expect((await mirror.run()).report).toMatchObject({
    conclusion: 'ok',
    storage: { room: expect.any(Number) },
  })
})

test('a node that does not tell, or tells nonsense, is filled as before', async () => {
  const { mirror } = await withMissing([block, block, block], 47)
  await using _ = mirror
  const [first, ...others] = mirror.service.bucket('photos').rows()
  const nonsense = { status: 200, body: '{"RepoSize":-1,"StorageMax":"x","diskinfo":{"free_space":null}}' }
  const answers = [
    [rpcFailure('no'), 'diag/sys: status 500, repo/stat: status 500'],
    [{ status: 403, body: 'no' }, 'diag/sys: status 403, repo/stat: status 403'],
    [nonsense, 'diag/sys: not as Kubo answers, repo/stat: not as Kubo answers'],
  ] as const
  for (const [answer, why] of answers) {
    mirror.node.intercept = ({ path }) => (/repo.stat|diag.sys/.test(path) ? answer : undefined)
    const { report } = await mirror.run()
    expect(report).toMatchObject({ conclusion: 'ok', storage: { room: null } })
    expect(saidOfNode(report)).toEqual([expect.stringContaining(`does not tell its room (${why}). Where`)])
    for (const { cid } of [first, ...others].filter((row) => row !== undefined)) {
      mirror.node.pins.delete(cid)
      mirror.node.loseBlocks(cid, 0)
    }
  }
})

test('a node that does not tell its room is a warning, also of a dry run, where room is asked for at all', async () => {
  const { mirror } = await withMissing([block], 51)
  await using _ = mirror
  mirror.node.intercept = ({ path }) => (path.endsWith('diag/sys') ? { status: 403, body: 'no' } : undefined)
  const dry = await mirror.run({ inputs: { 'dry-run': 'true' } })
  expect(saidOfNode(dry.report)).toEqual([
    expect.stringMatching(/^`keep-free` counts for nothing, .* \(diag\/sys: status 403\)/),
  ])
  expect(dry.summary).toContain('1. **Let the node tell how much room it has.**')
  const without = await mirror.run({ inputs: { 'dry-run': 'true', 'keep-free': '0B' } })
  expect(saidOfNode(without.report)).toEqual([])
  // With a bound that somebody chose, that much is known.
  mirror.node.storageMax = 5_500_000_000
  const { report } = await mirror.run()
  expect(report).toMatchObject({ storage: { room: 500_000_000 } })
  expect(saidOfNode(report)).toEqual([])
})

test('a dry run says what would not fit, and changes nothing', async () => {
  const { mirror } = await withMissing([9 * block], 48)
  await using _ = mirror
  mirror.node.diskSize = 5_100_000_000
  const { report } = await mirror.run({ inputs: { 'dry-run': 'true' } })
  expect(report).toMatchObject({
    conclusion: 'ok',
    storage: { missing: 9 * block, room: 100_000_000, fetched: 0, stoppedBy: null },
  })
  expect(report.warnings).toContainEqual(expect.objectContaining({ where: 'node' }))
})

test('sizes that a service makes up are not believed', async () => {
  await using mirror = await Mirror.start()
  const sizes = ['0', '', '-5', '1e9', '1.5', '99999999999999999999', '9007199254740991', 'NaN', '42']
  for (const [index, cid] of new Cids(49).take(sizes.length).entries())
    mirror.service.bucket('photos').add({ cid, size: sizes[index] as string })
  const { report } = await mirror.run()
  expect(report).toMatchObject({ conclusion: 'ok', storage: { missing: 42, unknown: 8 } })
})

test('a cluster tells of no bytes', async () => {
  await using mirror = await Mirror.start({ cluster: {} })
  mirror.service.bucket('photos').add({ cid: new Cids(50).next(), size: 42 })
  const { report } = await mirror.run()
  expect(report).toMatchObject({ storage: { missing: 42, room: null, fetched: null, stoppedBy: null } })
})
