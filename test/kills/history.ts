import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { PinRow } from '../sandbox/pinning-service.ts'
import { Random } from '../sandbox/random.ts'
import { Mirror, type Ran } from '../scenarios/mirror.ts'
import type { NodeUnderKills } from './nodes.ts'

/** What a run was about when it was killed. */
type Moment = 'its start' | 'listing' | 'peering' | 'pinning' | 'sending' | 'verifying' | 'telling'

/** Runs of both directions that are killed at random points, one after the other, while both sides change. */
export class KillHistory implements AsyncDisposable {
  readonly #random: Random
  readonly #mirror: Mirror
  readonly #node: NodeUnderKills
  readonly #peeredBefore: readonly string[]
  readonly kills = new Map<Moment, number>()
  /** All that the node was ever seen to pin, or was to pin once. */
  readonly #wanted = new Set<string>()
  /** In which run a request was made: the service lists it only two runs later, so that nothing but the snapshot knows. */
  readonly #askedIn = new Map<string, number>()
  #runs = 0
  #isPunctual = false

  private constructor(random: Random, mirror: Mirror, node: NodeUnderKills, peeredBefore: readonly string[]) {
    this.#random = random
    this.#mirror = mirror
    this.#node = node
    this.#peeredBefore = peeredBefore
    mirror.service.bucket('photos').hidden = ({ requestid }, by) =>
      by === 'list' && !this.#isPunctual && this.#runs - (this.#askedIn.get(requestid) ?? -2) < 2
  }

  static async begin(
    nodeOf: (mirror: Mirror, seed: number) => Promise<NodeUnderKills>,
    seed: number,
  ): Promise<KillHistory> {
    const random = new Random(seed)
    let delegates: readonly string[] = []
    let history: KillHistory | undefined
    const mirror = await Mirror.start({
      service: {
        seed,
        delegates: () => delegates,
        settle: (row) => {
          history?.asked(row)
          return { status: 'pinned', after: { requests: random.below(4) } }
        },
      },
    })
    const node = await nodeOf(mirror, seed)
    delegates = node.delegates
    history = new KillHistory(random, mirror, node, await node.peered())
    // Something for the issue to tell, whatever else there is.
    const [failed = ''] = await node.publish(1)
    mirror.service.bucket('photos').add({ cid: failed, status: 'failed', reason: 'gone' })
    await history.#change(12)
    return history
  }

  /** The service was asked for a pin. */
  asked({ requestid }: PinRow): void {
    this.#askedIn.set(requestid, this.#runs)
  }

  /** Changes both sides, starts a run, and kills it somewhere; one that is too quick for that ends, and does not count. */
  async killOne(): Promise<void> {
    for (;;) {
      await this.#change(this.#random.below(5))
      this.#runs++
      const before = this.#asked
      // A random point of what a run asks, and a little after it; a start that asks nothing takes some 300 ms.
      const requests = this.#random.below(70)
      const after = requests === 0 ? this.#random.below(400) : this.#random.below(8)
      const running = this.#mirror.start({ inputs: this.#inputs(), event: 'schedule' })
      let hasEnded = false
      const ended = running.ended.then((ran) => {
        hasEnded = true
        return ran
      })
      while (!hasEnded && this.#askedSince(before) < requests) await sleep(1)
      await sleep(after)
      running.kill('SIGKILL')
      const ran = await ended
      this.#checkRun(ran)
      this.#checkSnapshot()
      if (ran.exitCode !== null) continue
      const moment = this.#momentSince(before)
      this.kills.set(moment, (this.kills.get(moment) ?? 0) + 1)
      return
    }
  }

  /** An hour later it is sure what the service did not get. A run does what is left, and one more finds all well. */
  async end(): Promise<void> {
    const inputs = { ...this.#inputs(), direction: 'both' }
    this.#isPunctual = true
    this.#mirror.letPass(61)
    await this.#mirror.run({ inputs })
    const last = await this.#mirror.run({ inputs })
    expect(last.report).toMatchObject({
      conclusion: 'ok',
      warnings: [],
      backup: { missing: 0 },
      update: { missing: 0 },
      verify: { failed: [], buckets: [{ cids: this.#wanted.size, never: 0, broken: 0 }] },
      buckets: [{ listing: { mode: 'incremental', complete: true } }],
    })
    const pins = await this.#node.pins()
    const rows = this.#mirror.service.bucket('photos').rows()
    const live = rows.filter(({ status }) => status !== 'failed').map(({ cid }) => cid)
    // Nothing is lost, and nothing is bought twice.
    expect([...this.#wanted].filter((cid) => !pins.has(cid))).toEqual([])
    expect(live.toSorted()).toEqual([...this.#wanted].toSorted())
    expect(await this.#node.peered()).toEqual(this.#peeredBefore)
    expect(this.#mirror.github.issues).toMatchObject([{ state: 'open' }])
    const left = this.#mirror.inSnapshot((db) =>
      ['sent', 'peered', 'unread', 'failure'].map((table) =>
        db.prepare(`SELECT count(*) AS n FROM ${table}`).get(),
      ),
    )
    expect(left).toEqual([{ n: 0 }, { n: 0 }, { n: 0 }, { n: 0 }])
    this.#checkSnapshot()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mirror[Symbol.asyncDispose]()
    await this.#node[Symbol.asyncDispose]()
  }

  /** So many CIDs come to either side; now and then a request goes. */
  async #change(count: number): Promise<void> {
    const photos = this.#mirror.service.bucket('photos')
    for (const cid of await this.#node.publish(count)) {
      photos.add({ cid })
      this.#wanted.add(cid)
    }
    for (const cid of await this.#node.pin(count)) this.#wanted.add(cid)
    if (this.#random.below(4) > 0) return
    // The node pins it, so that the next update is to ask for it again.
    const pins = await this.#node.pins()
    const gone: PinRow | undefined = photos.rows().find(({ cid }) => pins.has(cid))
    if (gone !== undefined) photos.remove(gone.requestid)
  }

  #inputs(): Record<string, string> {
    const directions = ['backup', 'update', 'both', 'both']
    return {
      direction: directions[this.#random.below(directions.length)] ?? '',
      'node-url': this.#node.url,
      delegates: this.#node.delegates[0],
      origins: 'none',
      'settle-timeout': '1s',
      'stall-timeout': '1m',
      'verify-time': '2m',
    }
  }

  /** How many requests the service, the node and GitHub have had. */
  get #asked(): readonly [service: number, node: number, github: number] {
    const { service, github } = this.#mirror
    return [service.requests.length, this.#node.asked.length, github.requests.length]
  }

  #askedSince(before: readonly number[]): number {
    return this.#asked.reduce((sum, count, index) => sum + count - (before[index] ?? 0), 0)
  }

  /** How far a run had come, by what it had asked. */
  #momentSince([service, node, github]: readonly [number, number, number]): Moment {
    const ofNode = (part: string) => this.#node.asked.slice(node).some(({ path }) => path.includes(part))
    if (this.#mirror.github.requests.length > github) return 'telling'
    if (ofNode('dag/export')) return 'verifying'
    if (this.#mirror.service.requests.slice(service).some(({ method }) => method === 'POST')) return 'sending'
    if (ofNode('pin/add')) return 'pinning'
    if (ofNode('peering/add')) return 'peering'
    return this.#askedSince([service, node, github]) > 0 ? 'listing' : 'its start'
  }

  #checkRun({ log }: Ran): void {
    expect(log).not.toMatch(/put aside|a defect/)
  }

  /** A copy, as opening it is for the next run to do. */
  #checkSnapshot(): void {
    const { snapshotPath } = this.#mirror
    const folder = dirname(snapshotPath)
    if (!existsSync(snapshotPath)) return
    expect(readdirSync(folder).filter((name) => name.includes('aside'))).toEqual([])
    const copy = `${folder}-copy`
    cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('-shm') })
    {
      using db = new DatabaseSync(join(copy, basename(snapshotPath)))
      expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
    }
    rmSync(copy, { recursive: true })
  }
}
