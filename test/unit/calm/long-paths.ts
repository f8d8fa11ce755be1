import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Comparison, compare, type ListedRequest } from '../../../src/domain/compare.ts'
import { NodePins } from '../../../src/domain/node-pins.ts'
import { planBackup } from '../../../src/domain/plan-backup.ts'
import { planUpdate } from '../../../src/domain/plan-update.ts'
import { failedRequestEntries } from '../../../src/draft/failed-request-entries.ts'
import { inSlices } from '../../../src/in-slices.ts'
import { FailedRequests } from '../../../src/issue/failed-requests/failed-requests.ts'
import { toldOf } from '../../../src/issue/told.ts'
import { unseenIn } from '../../../src/issue/unseen.ts'
import { listedRequests } from '../../../src/snapshot/bucket/listed.ts'
import { Overview } from '../../../src/snapshot/bucket/overview.ts'
import { Timeline } from '../../../src/snapshot/bucket/timeline.ts'
import { Facts } from '../../../src/snapshot/facts.ts'
import { applicationId } from '../../../src/snapshot/migrations.ts'
import { openSnapshot } from '../../../src/snapshot-file/open.ts'
import { renderSummary } from '../../../src/summary/summary.ts'
import { Cids } from '../../sandbox/identity.ts'
import { filebase } from '../../sandbox/pinning-service.ts'
import { BucketUnderTest } from '../listing/bucket-under-test.ts'
import { bucket as bucketReport, report, tracked } from '../report/samples.ts'
import { Workspace } from '../snapshot-file/workspace.ts'

const start = Date.parse('2020-01-01T00:00:00Z')

type Path = readonly [name: string, work: () => Promise<unknown>]

/** All that a run does with all requests of a bucket, or all pins of the node, one after the other. */
export class LongPaths implements AsyncDisposable {
  readonly #bucket: BucketUnderTest
  readonly #workspace = new Workspace()
  readonly #count: number

  /** @param count of requests, and of pins of the node, which are others */
  static async start(count: number): Promise<LongPaths> {
    const bucket = await BucketUnderTest.start({ ...filebase, delegates: [] })
    const cids = new Cids(1).take(count)
    bucket.bucket.addAll(cids.map((cid, n) => ({ cid, created: start + n * 5000 })))
    return new LongPaths(bucket, count)
  }

  private constructor(bucket: BucketUnderTest, count: number) {
    this.#bucket = bucket
    this.#count = count
  }

  /** Reads all requests of the snapshot, and does nothing with them. */
  readAll(): void {
    this.#bucket.tamper((db) => {
      if (Iterator.from(listedRequests(db, 1)).reduce((sum) => sum + 1, 0) !== this.#count)
        throw new Error('not all are in the snapshot')
    })
  }

  /** The first listing, without which there are no others. */
  async list(): Promise<void> {
    await this.#expect({ complete: true, added: this.#count })
  }

  /** In the order in which they are to be taken. */
  *all(): Generator<Path> {
    const { bucket } = this.#bucket
    yield ['an unchanged listing', () => this.#expect({ complete: true, changed: 0 })]
    yield* this.#plans()
    yield* this.#file()
    this.#bucket.tamper((db) => db.exec('UPDATE bucket SET doubled = 1'))
    yield ['a look for requests at two instants', () => this.#expect({ complete: true, changed: 0 })]
    yield* this.#frozen()
    bucket.setAllStatuses('queued')
    yield ['a full listing that finds all of them queued', () => this.#list({ full: true })]
    bucket.setAllStatuses('pinned')
    yield ['a listing after all have settled', () => this.#expect({ changed: this.#count })]
    bucket.hidden = () => true
    yield ['a listing that shows none', () => this.#expect({ vanished: this.#count })]
    yield ['that they are gone', () => this.#list({ full: true, isConfirmed: true })]
  }

  *#plans(): Generator<Path> {
    const pins = new NodePins()
    for (const key of new Cids(2).take(this.#count)) pins.add(key as never, { isV0: false, name: null })
    let comparison: Comparison
    yield [
      'both sides held against each other',
      async () => {
        comparison = await inSlices(compare(pins, [this.#requests()]))
      },
    ]
    yield ['what is told of all requests', () => inSlices(this.#overview().figures())]
    yield ['the plan of a backup', () => inSlices(planBackup(comparison, [], new Map()))]
    const options = {
      targetBucket: 'main',
      failedRequests: [],
      ignore: new Map(),
      isNameWanted: () => true,
      inDoubt: new Map(),
    }
    yield ['the plan of an update', () => inSlices(planUpdate(comparison, options))]
  }

  /** A frozen account shows all requests as failed. */
  *#frozen(): Generator<Path> {
    const listed: ListedRequest[] = new Cids(3).take(this.#count).map((text, n) => ({
      ...{ requestid: `r${n}`, text, key: undefined, name: null, failureReason: 'the account is frozen' },
      ...{ status: 'failed' as const, created: start + n * 5000, delegates: null, size: null },
    }))
    const shown = bucketReport({ failedRequests: failedRequestEntries(listed) })
    const summary = () => renderSummary(report({ buckets: [shown] }), { issue: null })
    yield ['the summary of all that failed', async () => summary()]
    const options = { isAskedAgain: () => false, mostCids: 500 }
    let failed: FailedRequests
    yield [
      'what the issue tells of all that failed',
      async () => {
        failed = await inSlices(FailedRequests.in([shown], options))
        if (failed.named.size !== this.#count) throw new Error('not all are told')
      },
    ]
    yield [
      'what the issue told before held against them',
      async () => {
        const now = tracked({ failedRequests: failed.named, sight: 'blind' })
        unseenIn(now, toldOf(now, 1))
      },
    ]
  }

  /** The snapshot as the next run finds it. */
  *#file(): Generator<Path> {
    const path = join(this.#workspace.path, 'snapshot.sqlite')
    this.#bucket.tamper((db) => db.prepare('VACUUM INTO ?').run(path))
    {
      using db = new DatabaseSync(path)
      db.exec(`PRAGMA application_id = ${applicationId}`)
      new Facts(db).set('mirror', 'mirror')
      new Facts(db).set('run', 10)
    }
    yield [
      'opening the snapshot',
      async () => {
        const warn = (message: string) => {
          throw new Error(message)
        }
        using snapshot = await inSlices(openSnapshot(path, 'mirror', warn))
        if (snapshot.run !== 11) throw new Error('it is not the one that was left')
      },
    ]
  }

  #overview(): Overview {
    let overview: Overview | undefined
    this.#bucket.tamper((db) => {
      overview = new Overview(db, 1, new Timeline(db, 1))
    })
    return overview as unknown as Overview
  }

  *#requests() {
    let rows: ReturnType<typeof listedRequests> | undefined
    this.#bucket.tamper((db) => {
      rows = listedRequests(db, 1)
    })
    if (rows !== undefined) yield* rows
  }

  async #list(options: Parameters<BucketUnderTest['list']>[0] = {}) {
    return await this.#bucket.list(options)
  }

  /** @throws where a listing does not come to this */
  async #expect(expected: Partial<Awaited<ReturnType<BucketUnderTest['list']>>>): Promise<void> {
    const result = await this.#list()
    for (const [name, value] of Object.entries(expected))
      if (result[name as keyof typeof result] !== value)
        throw new Error(`${name} is ${result[name as keyof typeof result]}, not ${value}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bucket[Symbol.asyncDispose]()
    this.#workspace[Symbol.dispose]()
  }
}
