import { Cids } from '../../test/sandbox/identity.ts'
import { startKubo } from '../../test/sandbox/kubo.ts'
import { requestsOf } from '../service/requests.ts'

/** A node in a process of its own: it pins what the service has, but for the newest ones, and as many others. */
const [count = 0, lacking = 0] = process.argv.slice(2).map(Number)
const node = await startKubo()
const cids = [...requestsOf(count)].map(({ cid }) => cid)
for (const cid of cids.slice(0, count - lacking)) node.pin(cid)
for (const cid of new Cids(4).take(lacking)) node.pin(cid)
process.on('disconnect', () => process.exit())
process.send?.({ url: node.url })
