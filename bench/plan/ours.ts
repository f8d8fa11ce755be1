import { DatabaseSync } from 'node:sqlite'
import { Comparison } from '../../src/domain/compare.ts'
import { planBackup } from '../../src/domain/plan.ts'
import { listedRequests } from '../../src/snapshot/listed.ts'

/** Plans as a run does: of a snapshot's requests the node lacks the newest ones. */
const [path = '', lacking = ''] = process.argv.slice(2)
using db = new DatabaseSync(path, { readOnly: true })
const comparison = new Comparison()
let row = 0
for (const { key } of listedRequests(db, 1))
  if (row++ >= Number(lacking) && key !== undefined) comparison.addNodePin(key, { isV0: false, name: null })
const plan = planBackup(comparison, [{ name: 'main', requests: listedRequests(db, 1) }], new Map())
console.log(plan.missing.length)
