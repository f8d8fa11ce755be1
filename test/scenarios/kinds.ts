import { parseCid } from '../../src/domain/cid.ts'
import { peerIdOf } from '../../src/domain/delegate.ts'
import { Cids, peerIds } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import type { NewRow, PinRow } from '../sandbox/pinning-service.ts'
import { Mirror, type Ran, until } from './mirror.ts'

/** A kind of run that people see: what leads to it, and the run itself. */
export interface Kind {
  readonly name: string
  run(mirror: Mirror): Promise<Ran>
  start(): Promise<Mirror>
}

const buckets = [
  'curate-v2',
  'kleros',
  'poh-v2',
  'v2-logs',
  'websites',
  'escrow',
  'court',
  'tokens',
  'scout',
  'vea',
  'governor',
] as const
type BucketName = (typeof buckets)[number]

const dayMs = 24 * 60 * 60_000
const delegates = peerIds(5).map((id, index) => `/dns4/pin-${index}.example.net/tcp/4001/p2p/${id}`)
const [known, unknown] = [delegates.slice(0, 3), delegates.slice(3)]
// No node is called stuck because the machine is busy.
const inputs = { delegates: known.join('\n'), 'stall-timeout': '2m' }
/** Where nobody has some of it. */
const hasty = { ...inputs, 'stall-timeout': '15s' }
/** Later than this, requests are fetched by peers that nobody knows. */
const newPeersSince = Date.now() - dayMs

/** Eleven buckets with some thousand CIDs, which the node has, on a box where all is well. */
class Stage {
  readonly mirror: Mirror
  readonly #cids = new Cids(2026)

  constructor(mirror: Mirror) {
    this.mirror = mirror
  }

  static start({ service = {}, ...others }: Parameters<typeof Mirror.start>[0] = {}): Promise<Mirror> {
    return Mirror.start({ buckets, ...others, service: { delegates: () => known, ...service } })
  }

  /** Puts requests into a bucket, some of them a day old, others three days. */
  add(
    bucket: BucketName,
    count: number,
    {
      daysAgo = 3,
      isOnNode = false,
      ...row
    }: { daysAgo?: number; isOnNode?: boolean } & Pick<NewRow, 'status' | 'reason'> = {},
  ): string[] {
    const cids = this.#cids.take(count)
    const created = Date.now() - daysAgo * dayMs
    this.mirror.service.bucket(bucket).addAll(
      cids.map((cid, index) => ({
        cid,
        name: `${bucket}-${index}.json`,
        created: created - index * 1000,
        ...row,
      })),
    )
    if (isOnNode) for (const cid of cids) this.mirror.node.pin(cid)
    return cids
  }

  /** What all buckets have and the node has too. */
  fill(each = 120): this {
    for (const bucket of buckets) this.add(bucket, each, { isOnNode: true })
    return this
  }

  /** Nobody has these, or they are of no use, in the words of Kubo. */
  spoil(cids: readonly string[], error?: string): void {
    for (const cid of cids)
      this.mirror.node.setContent(cid, error === undefined ? nowhere : { breaks: { after: 0, error } })
  }

  pinOwn(count: number): string[] {
    const cids = this.#cids.take(count)
    for (const cid of cids) this.mirror.node.pin(cid, { name: 'own.json' })
    return cids
  }
}

const soon = { after: { requests: 1 } } as const
const publicNode = { addresses: ['/ip4/93.184.216.34/tcp/4001'] }
const newcomers = ({ created }: PinRow) => (created > newPeersSince ? [...known, ...unknown] : known)

/** Every kind of run that people see: pictures are made of them, and a test holds what they say against the report. */
export const kinds: readonly Kind[] = [
  {
    name: 'quiet',
    start: () => Stage.start(),
    async run(mirror) {
      new Stage(mirror).fill()
      // As it is by default.
      const verifying = { ...inputs, 'verify-time': '5m' }
      await mirror.run({ inputs: verifying })
      return mirror.run({ inputs: verifying })
    },
  },
  {
    name: 'busy',
    start: () => Stage.start(),
    async run(mirror) {
      const stage = new Stage(mirror).fill()
      await mirror.run({ inputs })
      stage.add('kleros', 180)
      stage.add('v2-logs', 120)
      const dead = stage.add('court', 12)
      stage.spoil(dead)
      stage.add('scout', 3, { status: 'failed', reason: 'Exceeded Max Attempts (11)' })
      return mirror.run({ inputs: hasty })
    },
  },
  {
    name: 'first',
    start: () => Stage.start(),
    async run(mirror) {
      const stage = new Stage(mirror)
      for (const bucket of buckets) stage.add(bucket, 60)
      stage.pinOwn(25)
      return mirror.run({ inputs: { ...inputs, delegates: '' } })
    },
  },
  {
    name: 'bad',
    start: () => Stage.start({ service: { delegates: newcomers } }),
    async run(mirror) {
      const stage = new Stage(mirror).fill(280)
      stage.pinOwn(318)
      await mirror.run({ inputs })
      stage.add('kleros', 240, { daysAgo: 0.5 })
      stage.add('poh-v2', 240, { daysAgo: 0.5 })
      stage.add('v2-logs', 120, { daysAgo: 0.5 })
      stage.spoil([...stage.add('kleros', 160), ...stage.add('poh-v2', 80)])
      stage.spoil(stage.add('websites', 40), 'pin: potentially insecure hash functions not allowed')
      stage.spoil(
        stage.add('escrow', 20),
        'pin: failed to decode Protocol Buffers: protobuf: (PBNode) invalid wireType, expected 2, got 5',
      )
      stage.add('v2-logs', 7, { status: 'failed', reason: 'Exceeded Max Attempts (11)' })
      mirror.service.bucket('curate-v2').refusal = {
        status: 401,
        reason: 'ERR_INVALID_TOKEN',
        details: 'api key does not exist',
      }
      return mirror.run({ inputs: hasty })
    },
  },
  {
    name: 'service-down',
    start: () => Stage.start(),
    async run(mirror) {
      new Stage(mirror).fill(20)
      await mirror.run({ inputs })
      await mirror.service.stop()
      return mirror.run({ inputs })
    },
  },
  {
    name: 'node-down',
    start: () => Stage.start(),
    async run(mirror) {
      new Stage(mirror).fill(20)
      await mirror.run({ inputs })
      await mirror.node.stop()
      return mirror.run({ inputs })
    },
  },
  {
    name: 'bad-input',
    start: () => Stage.start(),
    run: (mirror) => mirror.run({ inputs: { buckets: '', direction: 'down', 'node-url': 'localhost:5001' } }),
  },
  {
    name: 'out-of-time',
    start: () => Stage.start(),
    async run(mirror) {
      const stage = new Stage(mirror).fill(40)
      await mirror.run({ inputs })
      stage.add('kleros', 60)
      for (const cid of stage.add('poh-v2', 90)) mirror.node.setContent(cid, { msPerBlock: 600_000 })
      return mirror.run({ inputs: { ...inputs, 'time-limit': '8s' } })
    },
  },
  {
    name: 'cancelled',
    start: () => Stage.start(),
    async run(mirror) {
      const stage = new Stage(mirror).fill(40)
      await mirror.run({ inputs })
      const good = stage.add('kleros', 60)
      for (const cid of stage.add('poh-v2', 90, { daysAgo: 9 }))
        mirror.node.setContent(cid, { msPerBlock: 600_000 })
      const running = mirror.start({ inputs })
      await until(() => good.every((cid) => mirror.node.pins.has(cid)))
      running.kill('SIGINT')
      return running.endsInTime()
    },
  },
  {
    name: 'dry',
    start: () => Stage.start({ node: publicNode }),
    async run(mirror) {
      const stage = new Stage(mirror).fill(40)
      stage.spoil(stage.add('court', 5))
      await mirror.run({ inputs: hasty })
      stage.add('kleros', 60)
      stage.pinOwn(9)
      return mirror.run({
        inputs: { ...inputs, 'dry-run': 'true', direction: 'both', 'target-bucket': 'vea' },
      })
    },
  },
  {
    name: 'inspect',
    start: () => Stage.start({ service: { delegates: () => unknown.slice(0, 1) } }),
    async run(mirror) {
      const stage = new Stage(mirror)
      const [there = ''] = stage.add('poh-v2', 1, { isOnNode: true })
      const [lost = ''] = stage.add('poh-v2', 1)
      const [failed = ''] = stage.add('kleros', 1, { status: 'failed', reason: 'Exceeded Max Attempts (11)' })
      mirror.node.setProviders(there, [{ peerId: peerIdOf(known[0] ?? '') ?? '', addresses: [] }])
      return mirror.run({
        event: 'workflow_dispatch',
        inputs: { inspect: [lost, there, failed, 'no-cid'].join(' ') },
      })
    },
  },
  {
    name: 'update',
    start: () => Stage.start({ node: publicNode, service: { settle: ({ cid }) => settled(cid) } }),
    async run(mirror) {
      new Stage(mirror).fill(40).pinOwn(12)
      return mirror.run({
        inputs: { ...inputs, direction: 'update', 'target-bucket': 'vea', 'settle-timeout': '2s' },
      })
    },
  },
  {
    name: 'both',
    start: () =>
      Stage.start({ node: publicNode, service: { settle: () => ({ status: 'pinned', ...soon }) } }),
    async run(mirror) {
      const stage = new Stage(mirror).fill(40)
      stage.add('kleros', 60)
      stage.pinOwn(12)
      return mirror.run({ inputs: { ...inputs, direction: 'both', 'target-bucket': 'vea' } })
    },
  },
  {
    name: 'verified',
    start: () => Stage.start({ node: { otherwise: { blocks: 3 } } }),
    async run(mirror) {
      const stage = new Stage(mirror).fill()
      const [missing = '', lost = '', changed = ''] = stage.add('kleros', 3, { isOnNode: true })
      await mirror.run({ inputs: { ...inputs, 'verify-time': '5m' } })
      // Weeks later. What was read longest ago is read first, and not all of it, as the disk has become slow.
      mirror.inSnapshot((db) => {
        db.exec('UPDATE verified SET day = day - 12')
        db.exec('UPDATE verified SET day = day - 22 WHERE cid IN (SELECT cid FROM verified LIMIT 200)')
        const older = db.prepare('UPDATE verified SET day = day - 40 WHERE cid = ?')
        for (const cid of [missing, lost, changed]) older.run(Buffer.from(parseCid(cid)?.key ?? '', 'latin1'))
      })
      for (const cid of [missing, lost]) mirror.node.loseBlocks(cid)
      mirror.node.corrupt(changed)
      mirror.node.readMs = 100
      return mirror.run({ inputs: { ...inputs, 'verify-time': '10s' } })
    },
  },
  {
    name: 'drop',
    start: () => Stage.start(),
    async run(mirror) {
      new Stage(mirror).fill(120)
      await mirror.run({ inputs })
      const court = mirror.service.bucket('court')
      for (const { requestid } of court.rows().slice(0, 70)) court.remove(requestid)
      return mirror.run({ inputs })
    },
  },
]

/** Some of what is sent is pinned soon, some fails, some takes longer than a run. */
function settled(cid: string) {
  const place = (cid.codePointAt(20) ?? 0) % 3
  if (place === 0) return undefined
  return { status: place === 1 ? ('pinned' as const) : ('failed' as const), ...soon }
}
