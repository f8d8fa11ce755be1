import { DatabaseSync } from 'node:sqlite'
import { readCidText } from '../../src/snapshot/stored-cid.ts'

/** The same as scripts do it: both sides whole in memory, as texts, v0 and v1 told apart. */
const [path = '', lacking = ''] = process.argv.slice(2)
using db = new DatabaseSync(path, { readOnly: true })
const rows = db.prepare('SELECT * FROM request ORDER BY created DESC, requestid DESC').all()
const requests = rows.map((row) => ({ ...row, cid: readCidText(row['cid'], row['cid_text']) }))
const pins = new Set(requests.slice(Number(lacking)).map(({ cid }) => cid))
const missing = requests.filter(({ cid }) => !pins.has(cid))
console.log(missing.length)
