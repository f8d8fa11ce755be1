/**
 * What the action costs, and what that compares with: `npm run bench`, or some parts of it, as in
 * `npm run bench -- cold pin`. All of it takes some 10 minutes. The figures go to docs/performance.md; `soak` and `calm`
 * run only where they are named; the figures of `soak` go to docs/reliability.md.
 */
import { availableParallelism, cpus } from 'node:os'
import { buildPeers } from '../test/peers/build.ts'
import { allMissing } from './all-missing.ts'
import { calm } from './calm.ts'
import { clusterPins } from './cluster-pins.ts'
import { coldListing } from './cold-listing.ts'
import { farAway } from './far-away.ts'
import { million } from './million.ts'
import { nodeList } from './node-list.ts'
import { pinPhase } from './pin-phase.ts'
import { secretsInAnswers } from './secrets.ts'
import { send } from './send.ts'
import { start } from './start.ts'
import { stop } from './stop.ts'
import { type Row, table } from './table.ts'
import { verified, verify } from './verify.ts'
import { warmListing } from './warm-listing.ts'

interface Part {
  readonly run: () => Promise<Row[]>
  /** Of the programs that the tests build. */
  readonly needsKubo?: true
  /** Run only where it is named. */
  readonly isExtra?: true
}

const parts: Readonly<Record<string, Part>> = {
  start: { run: start },
  cold: { run: coldListing },
  warm: { run: warmListing },
  million: { run: million },
  missing: { run: allMissing },
  stop: { run: stop },
  secrets: { run: secretsInAnswers },
  send: { run: send },
  pins: { run: nodeList, needsKubo: true },
  pin: { run: pinPhase, needsKubo: true },
  cluster: { run: clusterPins, needsKubo: true },
  far: { run: farAway, needsKubo: true },
  verify: { run: verify, needsKubo: true },
  calm: { run: calm, isExtra: true },
  verified: { run: verified },
  // Loaded only then: it sets the clocks of this process.
  soak: { run: async () => (await import('./soak/soak.ts')).soak(), isExtra: true },
}

const wanted =
  process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts).filter((name) => !parts[name]?.isExtra)
const rows: Row[] = []
for (const name of wanted) {
  const part = parts[name]
  if (part === undefined)
    throw new Error(`no part is called ${name}; there are ${Object.keys(parts).join(', ')}`)
  if (part.needsKubo && !(await haveKubo(name))) continue
  console.error(`${name} …`)
  rows.push(...(await part.run()))
}
const machine = `Node ${process.versions.node}, ${availableParallelism()} cores (${cpus()[0]?.model.trim()})`
console.log(`\n${machine}\n\n${table(rows)}`)

async function haveKubo(part: string): Promise<boolean> {
  try {
    await buildPeers()
    return true
  } catch (error) {
    console.error(`${part}: skipped, as no real Kubo can be had (${(error as Error).message})`)
    return false
  }
}
