import { DatabaseSync } from 'node:sqlite'
import { compare } from '../../src/domain/compare.ts'
import { atOnce } from '../../src/domain/long-work.ts'
import { NodePins } from '../../src/domain/node-pins.ts'
import { planBackup } from '../../src/domain/plan-backup.ts'
import { listedRequests, requestsAt } from '../../src/snapshot/bucket/listed.ts'

/** Plans as a run does: of a snapshot's requests the node lacks the newest ones. */
const [path = '', lacking = ''] = process.argv.slice(2)
using db = new DatabaseSync(path, { readOnly: true })
const pins = new NodePins()
let row = 0
for (const { key } of listedRequests(db, 1))
  if (row++ >= Number(lacking) && key !== undefined) pins.add(key, { isV0: false, name: null })
const comparison = atOnce(compare(pins, [listedRequests(db, 1)]))
const { missing } = atOnce(planBackup(comparison, [{ name: 'main', at: requestsAt(db, 1) }], new Map()))
// As the pins of a run do, and its report.
let read = 0
for (let index = 0; index < missing.length; index++) if (missing.at(index).cid.text !== '') read++
console.log(read)
