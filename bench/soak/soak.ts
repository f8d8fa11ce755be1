import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Runner } from '../../test/demo/runner.ts'
import { temporaryFolder } from '../../test/demo/temporary-folder.ts'
import { startGitHub } from '../../test/sandbox/github.ts'
import { startKubo } from '../../test/sandbox/kubo.ts'
import { startPinningService } from '../../test/sandbox/pinning-service.ts'
import { Random } from '../../test/sandbox/random.ts'
import type { SandboxServer } from '../../test/sandbox/server.ts'
import type { Usage } from '../process-usage.ts'
import { megabytes, number, type Row } from '../table.ts'
import { setClock } from './clock.ts'
import { World } from './world.ts'

const runs = Number(process.env['SOAK_RUNS'] ?? 500)
const seed = Number(process.env['SOAK_SEED'] ?? 1)
/** So many are compared: the first of them with the last. */
const compared = Math.min(50, Math.floor(runs / 2))
/** Runs in a world that is well again: over a week. */
const healedRuns = 40
const sixHours = 6 * 60 * 60_000

/** What a run took, and left. */
interface Taken {
  /** Of the main step, bytes; none where it was killed. */
  readonly memory: number | undefined
  readonly snapshot: number
  readonly toService: number
  readonly toNode: number
}

/** Five hundred scheduled runs of the bundle over four months, with changes and faults between them; then the world heals. */
export async function soak(): Promise<Row[]> {
  await using box = await SoakedBox.start()
  const taken: Taken[] = []
  for (let run = 0; run < runs; run++) {
    taken.push(await box.run())
    if (run % 50 === 49) console.error(`soak: ${run + 1} of ${runs} runs, ${box.told}`)
  }
  const before = box.left()
  const after = await box.heal()
  const [first, last] = [taken.slice(0, compared), taken.slice(-compared)]
  const level = (
    what: string,
    of: (one: Taken) => number | undefined,
    shown: (value: number) => string,
  ): Row => {
    const [begin, end] = [first, last].map((some) => mean(some.map(of).filter((one) => one !== undefined)))
    return {
      what: `${what}, mean of the last ${compared} of ${number(runs)} scheduled runs (seed ${seed}: ${box.told})`,
      measured: shown(end ?? 0),
      against: `the first ${compared}: ${shown(begin ?? 0)}`,
      ratio: `${((end ?? 0) / (begin ?? 1)).toFixed(2)} times`,
    }
  }
  return [
    level('most memory of the main step', ({ memory }) => memory, megabytes),
    level(
      'size of the snapshot',
      ({ snapshot }) => snapshot,
      (bytes) => `${Math.round(bytes / 1000)} kB`,
    ),
    level(
      'requests to the service',
      ({ toService }) => toService,
      (count) => count.toFixed(1),
    ),
    level(
      'requests to the node',
      ({ toNode }) => toNode,
      (count) => count.toFixed(1),
    ),
    {
      what: `what the snapshot still knows ${healedRuns} runs after the world has healed`,
      measured: shownCounts(after),
      against: `before: ${shownCounts(before)}`,
      ratio: '',
    },
  ]
}

interface Servers {
  readonly service: SandboxServer
  readonly node: SandboxServer
  readonly GitHub: SandboxServer
}

/** A box whose runs are scheduled six hours apart, and what is around it. */
class SoakedBox implements AsyncDisposable {
  readonly #random = new Random(seed)
  readonly #usage = temporaryFolder('soak')
  readonly #faults = { service: 0, node: 0, GitHub: 0, kills: 0, none: 0 }
  readonly #things: AsyncDisposableStack
  readonly #servers: Servers
  readonly #runner: Runner
  readonly #world: World
  readonly #inputs: Readonly<Record<string, string>>
  #runs = 0

  private constructor(
    things: AsyncDisposableStack,
    servers: Servers,
    runner: Runner,
    world: World,
    inputs: Readonly<Record<string, string>>,
  ) {
    this.#things = things
    this.#servers = servers
    this.#runner = runner
    this.#world = world
    this.#inputs = inputs
  }

  static async start(): Promise<SoakedBox> {
    await using things = new AsyncDisposableStack()
    let world: World | undefined
    const service = things.use(
      await startPinningService({
        buckets: { photos: 'token' },
        delegates: (row) => world?.delegatesOf(row) ?? [],
        settle: (row) => ({ status: world?.fails(row) ? 'failed' : 'pinned', after: { requests: 2 } }),
      }),
    )
    const node = things.use(await startKubo())
    const GitHub = things.use(await startGitHub({ token: 'ghs_token' }))
    const runner = new Runner(GitHub)
    world = new World(new Random(seed + 1), node, service.bucket('photos'))
    const inputs = {
      direction: 'both',
      endpoint: service.url,
      buckets: 'photos=token',
      'node-url': node.url,
      'snapshot-dir': runner.box,
      'settle-timeout': '20s',
      'stall-timeout': '20s',
      attempts: '1',
      origins: 'none',
    }
    return new SoakedBox(things.move(), { service, node, GitHub }, runner, world, inputs)
  }

  /** What went wrong so far, and how runs ended. */
  get told(): string {
    const { none, kills, ...faults } = this.#faults
    const faulty = Object.entries(faults).map(([who, count]) => `${count} with faults of ${who}`)
    return [`${none} undisturbed`, ...faulty, `${kills} killed`].join(', ')
  }

  /** One scheduled run, in which something may go wrong. */
  async run(): Promise<Taken> {
    this.#world.change()
    const chance = this.#random.below(10)
    const hit = (['service', 'node', 'GitHub', 'kills'] as const)[chance] ?? 'none'
    this.#faults[hit]++
    if (hit === 'kills') return this.#runOnce({ KILLED_AFTER: String(200 + this.#random.below(600)) })
    if (hit === 'none') return this.#runOnce()
    const server = this.#servers[hit]
    // A burst of some requests, or all from one on.
    const from = this.#random.below(12)
    const until = this.#random.below(2) === 0 ? from + this.#random.below(6) : Number.POSITIVE_INFINITY
    const faults = [
      'cut',
      'truncate',
      'reset',
      { status: 503 },
      { status: 429 },
      { status: 500, body: '<html>' },
    ] as const
    let asked = 0
    server.intercept = () => {
      const isHit = asked >= from && asked < until
      asked++
      return isHit ? faults[this.#random.below(faults.length)] : undefined
    }
    const taken = await this.#runOnce()
    server.intercept = undefined
    return taken
  }

  /** Lets the world heal: a person looks once, and then runs go on as they were. */
  async heal(): Promise<Record<string, number>> {
    this.#world.heal()
    await this.#runOnce({}, { event: 'workflow_dispatch', inputs: { 'full-listing': 'true' } })
    for (let run = 0; run < healedRuns; run++) {
      this.#world.change()
      await this.#runOnce()
    }
    return this.left()
  }

  /** How much of each kind the snapshot knows of what is not well. */
  left(): Record<string, number> {
    using db = new DatabaseSync(this.#snapshot)
    const count = (from: string) => (db.prepare(`SELECT count(*) AS n FROM ${from}`).get() as { n: number }).n
    return {
      tombstones: count('request WHERE vanished_in IS NOT NULL'),
      gone: count('gone'),
      doubts: count('sent'),
      'failures in the ledger': count('failure'),
      'addresses of delegates': count('delegate'),
      'lists of delegates': count('delegate_set'),
      'peerings to take away': count('peered'),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#things.disposeAsync()
  }

  get #snapshot(): string {
    const [mirror = ''] = readdirSync(this.#runner.box)
    return join(this.#runner.box, mirror, 'snapshot.sqlite')
  }

  async #runOnce(
    env: Readonly<Record<string, string>> = {},
    how: { readonly event?: 'workflow_dispatch'; readonly inputs?: Readonly<Record<string, string>> } = {},
  ): Promise<Taken> {
    // Late by up to an hour, as schedules are.
    const ahead = ++this.#runs * sixHours + this.#random.below(sixHours / 6)
    setClock(ahead)
    mkdirSync(this.#usage, { recursive: true })
    const measured = join(this.#usage, 'main')
    rmSync(measured, { force: true })
    const { service, node } = this.#servers
    const [ofService, ofNode] = [service.requests.length, node.requests.length]
    const loaded = ['../process-usage.ts', '../../test/scenarios/faults/hurried.ts', 'clock.ts', 'killed.ts']
    const options = loaded.map((file) => `--import=${new URL(file, import.meta.url).href}`).join(' ')
    await this.#runner.run(
      {
        event: how.event ?? 'schedule',
        inputs: { ...this.#inputs, ...how.inputs },
        env: { BENCH_USAGE: this.#usage, NODE_OPTIONS: options, CLOCK_AHEAD: String(ahead), ...env },
      },
      () => undefined,
    )
    return {
      memory: existsSync(measured)
        ? (JSON.parse(readFileSync(measured, 'utf8')) as Usage).peakMemory
        : undefined,
      snapshot: statSync(this.#snapshot).size,
      toService: service.requests.length - ofService,
      toNode: node.requests.length - ofNode,
    }
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function shownCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${number(count)} ${what}`)
    .join(', ')
}
