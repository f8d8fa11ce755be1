import '../../test/faults/hurried.ts'
import { statSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Box } from '../../test/faults/box.ts'
import { Random } from '../../test/sandbox/random.ts'
import type { SandboxServer } from '../../test/sandbox/server.ts'
import { number, type Row } from '../table.ts'
import { setClock } from './clock.ts'
import { World } from './world.ts'

const runs = Number(process.env['SOAK_RUNS'] ?? 500)
const seed = Number(process.env['SOAK_SEED'] ?? 1)
/** So many are compared: the first of them with the last. */
const compared = Math.min(50, Math.floor(runs / 2))
/** Runs in a world that is well again: ten days. */
const healedRuns = Number(process.env['SOAK_HEALED'] ?? 40)
const sixHours = 6 * 60 * 60_000

/** What a run took, and left. */
interface Taken {
  /** What this process holds after it, bytes. */
  readonly memory: number
  readonly snapshot: number
  readonly toService: number
  readonly toNode: number
}

/** Scheduled runs over four months, with changes and faults between them; then the world heals. */
export async function soak(): Promise<Row[]> {
  await using box = await SoakedBox.start()
  const taken: Taken[] = []
  for (let run = 0; run < runs; run++) {
    taken.push(await box.run())
    if (process.env['SOAK_LOG']) console.error(JSON.stringify(taken.at(-1)))
    if (run % 50 === 49) console.error(`soak: ${run + 1} of ${runs} runs, ${box.told}`)
  }
  const before = box.left()
  const [first, last] = [taken.slice(0, compared), taken.slice(-compared)]
  const level = (what: string, of: (one: Taken) => number, shown: (value: number) => string): Row => {
    const [begin, end] = [mean(first.map(of)), mean(last.map(of))]
    return {
      what: `${what}, mean of the last ${compared} of ${number(runs)} scheduled runs`,
      measured: shown(end),
      against: `the first ${compared}: ${shown(begin)}`,
      ratio: `${(end / begin).toFixed(2)} times`,
    }
  }
  const rows = [
    level(
      'memory after a run',
      ({ memory }) => memory,
      (bytes) => `${(bytes / 1e6).toFixed(1)} MB`,
    ),
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
  ]
  await box.heal()
  const healed = {
    what: `what the snapshot still knows ${healedRuns} runs after the world has healed`,
    measured: shownCounts(box.left()),
    against: `before: ${shownCounts(before)}`,
    ratio: '',
  }
  console.error(`soak: seed ${seed}, ${box.told}; ${box.issues}`)
  return [...rows, healed]
}

/** A box whose runs are scheduled six hours apart, and what is around it. */
class SoakedBox implements AsyncDisposable {
  readonly #random = new Random(seed)
  readonly #hits = { service: 0, node: 0, github: 0, cancel: 0, none: 0 }
  readonly #conclusions = new Map<string, number>()
  readonly #box: Box
  readonly #world: World
  #runs = 0
  #unknownDelegates = 0

  private constructor(box: Box, world: World) {
    this.#box = box
    this.#world = world
  }

  static async start(): Promise<SoakedBox> {
    let world: World | undefined
    const box = await Box.start({
      delegates: (row) => world?.delegatesOf(row) ?? [],
      settle: (row) => ({ status: world?.fails(row) ? 'failed' : 'pinned', after: { requests: 2 } }),
    })
    world = new World(new Random(seed + 1), box.node, box.photos)
    return new SoakedBox(box, world)
  }

  /** What went wrong so far, and how runs ended. */
  get told(): string {
    const { service, node, github, cancel, none } = this.#hits
    const ends = [...this.#conclusions].map(([conclusion, count]) => `${count} ${conclusion}`)
    return `${none} undisturbed, ${service + node + github} with faults (service ${service}, node ${node}, GitHub ${github}), ${cancel} cancelled; they ended: ${ends.join(', ')}`
  }

  get issues(): string {
    return this.#box.github.issues
      .map(({ state, comments }) => `an issue, ${state}, with ${comments.length} comments`)
      .join(', ')
  }

  /** One scheduled run, in which something may go wrong. */
  async run(): Promise<Taken> {
    this.#world.change()
    const hit = (['service', 'node', 'github', 'cancel'] as const)[this.#random.below(10)] ?? 'none'
    this.#hits[hit]++
    if (hit === 'none') return this.#runOnce()
    const cancel = new AbortController()
    const server: SandboxServer = hit === 'cancel' ? this.#box.service : this.#box[hit]
    // A burst of some requests, or all from one on.
    const from = this.#random.below(12)
    const until = this.#random.below(2) === 0 ? from + this.#random.below(6) : Number.POSITIVE_INFINITY
    const faults = ['cut', 'truncate', 'reset', { status: 503 }, { status: 500, body: '<html>' }] as const
    let asked = 0
    server.intercept = () => {
      const isHit = asked >= from && asked < until
      asked++
      if (isHit && hit === 'cancel') cancel.abort()
      return isHit && hit !== 'cancel' ? faults[this.#random.below(faults.length)] : undefined
    }
    const taken = await this.#runOnce({ signal: cancel.signal })
    server.intercept = undefined
    return taken
  }

  /** Lets the world heal: a person looks once, and then runs go on as they were. */
  async heal(): Promise<void> {
    this.#world.heal()
    await this.#runOnce({ isManual: true, inputs: { 'full-listing': 'true' } })
    for (let run = 0; run < healedRuns; run++) {
      this.#world.change()
      await this.#runOnce()
    }
  }

  /** How much of each kind the snapshot knows of what is not well. */
  left(): Record<string, number> {
    const tables = {
      tombstones: 'request WHERE vanished_in IS NOT NULL',
      gone: 'gone',
      doubts: 'sent',
      'failures in the ledger': 'failure',
      'peerings to take away': 'peered',
    }
    return {
      ...Object.fromEntries(Object.entries(tables).map(([what, from]) => [what, this.#box.count(from)])),
      // As the report has them: which addresses were ever seen is kept, up to a bound.
      'unknown delegates': this.#unknownDelegates,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#box[Symbol.asyncDispose]()
  }

  async #runOnce(how: Parameters<Box['run']>[0] = {}): Promise<Taken> {
    // Late by up to an hour, as schedules are.
    setClock(++this.#runs * sixHours + this.#random.below(sixHours / 6))
    const { service, node, github } = this.#box
    for (const { requests } of [service, node, github]) requests.length = 0
    const inputs = {
      direction: 'both',
      'settle-timeout': '5s',
      'stall-timeout': '10s',
      attempts: '1',
      ...how.inputs,
    }
    const { conclusion, delegates } = await this.#box.run({ ...how, inputs })
    this.#unknownDelegates = delegates.unknown.length
    this.#conclusions.set(conclusion, (this.#conclusions.get(conclusion) ?? 0) + 1)
    collectGarbage()
    return {
      memory: process.memoryUsage().heapUsed,
      snapshot: statSync(this.#box.snapshotPath).size,
      toService: service.requests.length,
      toNode: node.requests.length,
    }
  }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function shownCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${number(count)} ${what}`)
    .join(', ')
}
