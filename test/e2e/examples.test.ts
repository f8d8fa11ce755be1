import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { startCluster } from '../sandbox/cluster.ts'
import { startGitHub } from '../sandbox/github.ts'
import { Cids } from '../sandbox/identity.ts'
import { startKubo } from '../sandbox/kubo.ts'
import { startPinningService } from '../sandbox/pinning-service.ts'
import { startS3 } from '../sandbox/s3.ts'
import { blocks } from '../unit/docs/pages.ts'
import { reportOf } from './act.ts'
import { UserRepository } from './user-repository.ts'

const folder = fileURLToPath(new URL('../../examples/', import.meta.url))

/** A service whose buckets have two pins each, and a node that has one of them and a pin of its own. */
async function stage(names: readonly string[], seed: number, tokenOf = (name: string) => `token-of-${name}`) {
  await using things = new AsyncDisposableStack()
  const tokens = Object.fromEntries(names.map((name) => [name, tokenOf(name)]))
  const settle = () => ({ status: 'pinned', after: { requests: 1 } }) as const
  const service = things.use(await startPinningService({ buckets: tokens, settle }))
  const node = things.use(await startKubo())
  const github = things.use(await startGitHub({ token: 'ghs_ofTheRun' }))
  const s3 = things.use(
    await startS3({ accounts: { ACCESSKEYOFKLEROS001: [...names, 'kleros-drafts', 'kleros-v3'] } }),
  )
  const user = things.use(await UserRepository.create({ service, node, github, s3 }))
  const cids = new Cids(seed)
  const missing = names.map((name) => {
    const [there = '', here = ''] = cids.take(2)
    service.bucket(name).add({ cid: there, name: `${name}.jpg` })
    service.bucket(name).add({ cid: here })
    node.pin(here)
    return { cid: there, bucket: name }
  })
  const own = cids.next()
  node.pin(own, { name: 'photos/own.jpg' })
  const lines = names.map((name) => `${name}=${tokens[name]}`).join('\n')
  const done = things.move()
  return { service, node, user, missing, own, lines, [Symbol.asyncDispose]: () => done.disposeAsync() }
}

const eleven = [
  'kleros', 'kleros-v2', 'kleros-websites', 'poh-v2', 'curate-v2', 'escrow-v2', 'reality-v2', 'kleros-token-list',
  'v2-logs', 'atlas-logs', 'kleros-scout',
] // biome-ignore format: a list
const three = ['photos', 'videos', 'documents']
const secretOf = (prefix: string, name: string) => `${prefix}_${name.toUpperCase().replaceAll('-', '_')}`
const secretsOf = (prefix: string, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [secretOf(prefix, name), `token-of-${name}`]))

describe.skipIf(!havePeers('act'))('the workflows to copy run as they are, under act', () => {
  test('each has a test here', () => {
    const all = readdirSync(folder).filter((name) => name.endsWith('.yml'))
    const text = readFileSync(fileURLToPath(import.meta.url), 'utf8')
    const moving = readFileSync(fileURLToPath(new URL('moving.test.ts', import.meta.url)), 'utf8')
    expect(all.filter((name) => !`${text}${moving}`.includes(`'${name}'`))).toEqual([])
  })

  test('backup.yml: on a schedule, and what its form says', async () => {
    await using all = await stage(three, 101)
    const { user, node, missing, own, lines } = all
    const secrets = { BUCKETS: lines }
    const form = { 'dry-run': 'true', 'full-listing': 'true' }

    const dry = await user.run('backup.yml', { event: 'workflow_dispatch', form, secrets })
    expect(dry, dry.log).toMatchObject({ succeeded: true, outputs: { missing: '3', pinned: '0' } })
    expect(reportOf(dry)).toMatchObject({ dryRun: true, direction: 'backup' })
    expect(reportOf(dry).buckets.map(({ listing }) => listing.mode)).not.toContain('incremental')

    const scheduled = await user.run('backup.yml', { event: 'schedule', secrets })
    expect(scheduled, scheduled.log).toMatchObject({ succeeded: true, outputs: { conclusion: 'ok' } })
    expect(reportOf(scheduled)).toMatchObject({ direction: 'backup', update: null, backup: { missing: 3 } })
    for (const { cid } of missing) expect(node.pins.get(cid)?.type).toBe('recursive')

    const asked = { inspect: own }
    const looked = await user.run('backup.yml', { event: 'workflow_dispatch', form: asked, secrets })
    expect(reportOf(looked).inspect).toMatchObject([{ cid: own, valid: true, service: [] }])
  })

  test('eleven-buckets.yml', async () => {
    await using all = await stage(eleven, 102)
    const { user, missing } = all
    const ran = await user.run('eleven-buckets.yml', {
      event: 'schedule',
      secrets: secretsOf('FILEBASE_TOKEN', eleven),
      here: { '/var/lib/ipfs-pin-mirror': join(user.folder, 'box') },
    })
    expect(ran, ran.log).toMatchObject({ succeeded: true, outputs: { conclusion: 'ok', pinned: '11' } })
    const pinned = reportOf(ran).backup?.pinned.map(({ cid, bucket }) => ({ cid, bucket }))
    expect(pinned).toEqual(expect.arrayContaining(missing))
    expect(readdirSync(join(user.folder, 'box'))).toHaveLength(1)
  })

  test('account-keys.yml: two secrets for eleven buckets, and none that is forgotten', async () => {
    const keys = {
      FILEBASE_ACCESS_KEY: 'ACCESSKEYOFKLEROS001',
      FILEBASE_SECRET_KEY: 'secret/key+of/kleros/0123456789',
    }
    const pair = Object.values(keys).join(':')
    const tokenOf = (name: string) => Buffer.from(`${pair}:${name}`).toString('base64')
    await using all = await stage(eleven, 108, tokenOf)
    const { user, missing } = all
    const ran = await user.run('account-keys.yml', {
      event: 'schedule',
      secrets: keys,
      here: { '/var/lib/ipfs-pin-mirror': join(user.folder, 'box') },
    })
    expect(ran, ran.log).toMatchObject({ succeeded: true, outputs: { conclusion: 'ok', pinned: '11' } })
    const { backup, account, warnings } = reportOf(ran)
    expect(backup?.pinned.map(({ cid, bucket }) => ({ cid, bucket }))).toEqual(
      expect.arrayContaining(missing),
    )
    expect(account).toEqual({ unmirrored: ['kleros-v3'], complete: true })
    expect(warnings.filter(({ where }) => where === 'account')).toEqual([])
    expect(ran.summary).toContain('**Mirror 1 bucket of the account, or ignore it.**')
  })

  test('both-directions.yml', async () => {
    await using all = await stage(three, 103)
    const { user, node, service, missing, own } = all
    const other = new Cids(203).next()
    node.pin(other, { name: 'not for the service' })
    const secrets = secretsOf('FILEBASE', three)
    const ran = await user.run('both-directions.yml', { event: 'schedule', secrets })
    expect(ran, ran.log).toMatchObject({ succeeded: true, outputs: { missing: '4', pinned: '4' } })
    for (const { cid } of missing) expect(node.pins.get(cid)?.type).toBe('recursive')
    const there = service
      .bucket('photos')
      .rows()
      .map(({ cid }) => cid)
    expect(there).toContain(own)
    expect(there).not.toContain(other)

    const later = new Cids(204).next()
    node.pin(later, { name: 'photos/later.jpg' })
    const form = { direction: 'update', 'dry-run': 'false' }
    const sent = await user.run('both-directions.yml', { event: 'workflow_dispatch', form, secrets })
    expect(sent, sent.log).toMatchObject({ succeeded: true, outputs: { missing: '1', pinned: '1' } })
    const rows = service.bucket('photos').rows()
    expect(rows.map(({ cid }) => cid)).toContain(later)
  })

  test('matrix.yml: a job a bucket', async () => {
    await using all = await stage(three, 104)
    const { user, node, missing } = all
    const ran = await user.run('matrix.yml', { event: 'schedule', secrets: secretsOf('FILEBASE', three) })
    expect(ran.succeeded, ran.log).toBe(true)
    expect(readdirSync(user.reports('1')).toSorted()).toEqual(
      three.map((name) => `report-${name}.json`).toSorted(),
    )
    for (const { cid } of missing) expect(node.pins.get(cid)?.type).toBe('recursive')
  })

  test('only-check.yml: fails while something is missing, and pins nothing', async () => {
    await using all = await stage(three, 105)
    const { user, node, missing, lines } = all
    const start = { event: 'schedule', secrets: { BUCKETS: lines } } as const
    const lacking = await user.run('only-check.yml', start)
    expect(lacking, lacking.log).toMatchObject({
      succeeded: false,
      outputs: { conclusion: 'ok', missing: '3' },
    })
    for (const { cid } of missing) expect(node.pins.get(cid)).toBeUndefined()
    for (const { cid } of missing) node.pin(cid)
    const whole = await user.run('only-check.yml', start)
    expect(whole, whole.log).toMatchObject({ succeeded: true, outputs: { missing: '0' } })
  })

  test('another-service.yml', async () => {
    await using all = await stage(['pinata'], 106)
    const { user, service, node, missing } = all
    const ran = await user.run('another-service.yml', {
      event: 'schedule',
      secrets: { PINATA_JWT: 'token-of-pinata' },
      here: { 'https://api.pinata.cloud/psa': service.url },
    })
    expect(ran, ran.log).toMatchObject({ succeeded: true, outputs: { conclusion: 'ok', pinned: '1' } })
    expect(node.pins.get(missing[0]?.cid ?? '')?.type).toBe('recursive')
  })

  test('matrix.yml with what docs/cluster.md adds to each job: a job a bucket, and one cluster', async () => {
    await using all = await stage(three, 108)
    await using cluster = await startCluster({
      authorization: `Basic ${Buffer.from('mirror:a-long-word').toString('base64')}`,
    })
    const { user, node, missing } = all
    const added = blocks('yaml').find(
      ({ page, text }) => page === 'docs/cluster.md' && text.startsWith('node-kind: cluster'),
    )
    const ran = await user.run('matrix.yml', {
      event: 'schedule',
      secrets: { ...secretsOf('FILEBASE', three), CLUSTER_AUTHORIZATION: 'basic:mirror:a-long-word' },
      here: {
        '          cache-key:': `${added?.text.replaceAll(/^/gm, ' '.repeat(10)).trimEnd()}\n          cache-key:`,
        'http://127.0.0.1:9094': cluster.url,
      },
    })
    expect(ran.succeeded, ran.log).toBe(true)
    const reports = readdirSync(user.reports('1')).map((name) =>
      JSON.parse(readFileSync(join(user.reports('1'), name), 'utf8')),
    )
    expect(reports).toHaveLength(three.length)
    // Each has a listing of its own bucket, and no more.
    for (const report of reports)
      expect(report).toMatchObject({ conclusion: 'ok', node: { kind: 'cluster' }, backup: { missing: 2 } })
    expect(
      reports.flatMap(({ buckets }) => buckets.map(({ name }: { name: string }) => name)).toSorted(),
    ).toEqual(three.toSorted())
    for (const { cid } of missing) expect(cluster.holders(cid)).toHaveLength(2)
    expect(node.requests).toEqual([])
  })

  test('cluster.yml', async () => {
    await using all = await stage(three, 107)
    await using cluster = await startCluster({
      authorization: `Basic ${Buffer.from('mirror:a-long-word').toString('base64')}`,
    })
    const { user, missing, lines } = all
    const ran = await user.run('cluster.yml', {
      event: 'schedule',
      secrets: { BUCKETS: lines, CLUSTER_AUTHORIZATION: 'basic:mirror:a-long-word' },
      here: { 'http://127.0.0.1:9094': cluster.url },
    })
    expect(ran, ran.log).toMatchObject({ succeeded: true, outputs: { conclusion: 'ok', pinned: '6' } })
    for (const { cid } of missing) expect(cluster.holders(cid)).toHaveLength(2)
  })
})
