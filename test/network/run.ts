import { setTimeout as sleep } from 'node:timers/promises'
import { Stage } from './stage.ts'

/** What came of one story, in a network namespace: see `peering.test.ts`. */
export interface Told {
  readonly conclusion: string | null
  readonly pinned: number
  readonly failed: number
  /** Of the run, by its report. */
  readonly seconds: number
  /** How many peers of the service the node was peered with in the middle of the run, and after it. */
  readonly during: number
  readonly after: number
  /** After the next run, where there was one. */
  readonly later: number
}

const [how] = process.argv.slice(2)
await using stage = await Stage.set()
console.log(JSON.stringify(how === 'end' ? await toItsEnd() : await until(how as NodeJS.Signals)))

async function toItsEnd(): Promise<Told> {
  const { report } = await stage.run()
  return { ...toldOf(report), during: 0, after: await stage.peeredWith(), later: 0 }
}

/** A run with a CID that nobody has, which is sent a signal once all others are pinned. */
async function until(signal: NodeJS.Signals): Promise<Told> {
  const dead = stage.addDead()
  const run = stage.start()
  while ((await stage.pinned()) < stage.cids.length) await sleep(20)
  const during = await stage.peeredWith()
  run.kill(signal)
  const ran = await run.ended
  const after = await stage.peeredWith()
  const told = signal === 'SIGKILL' ? toldOf(null) : toldOf(ran.report)
  await stage.run({ ignore: dead })
  return { ...told, during, after, later: await stage.peeredWith() }
}

type Report = Awaited<ReturnType<Stage['run']>>['report']

function toldOf(report: Report | null): Pick<Told, 'conclusion' | 'pinned' | 'failed' | 'seconds'> {
  if (report === null) return { conclusion: null, pinned: 0, failed: 0, seconds: 0 }
  const { conclusion, backup, startedAt, finishedAt } = report
  return {
    conclusion,
    pinned: backup?.pinned.length ?? 0,
    failed: backup?.failed.length ?? 0,
    seconds: (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000,
  }
}
