import { NodePins } from '../domain/compare.ts'
import { Census } from '../domain/replication.ts'
import { everything } from '../domain/windows.ts'
import type { ListingProgress } from '../listing/listing.ts'
import type { Node, NodeIdentity } from '../node/node.ts'
import { count } from '../text/numbers.ts'
import { Progress } from '../text/progress.ts'
import type { Work } from '../work.ts'
import { listNode } from './list-node.ts'
import { type ListedBucket, listService } from './list-service.ts'

/** Both sides as they were found. */
export interface BothSides {
  readonly buckets: readonly ListedBucket[]
  readonly kind: Node['kind']
  /** `undefined` where the node could not be listed. */
  readonly identity: NodeIdentity | undefined
  /** Why it could not. */
  readonly nodeError: unknown
  /** It gave at least one answer, also where its listing broke off. */
  readonly hasNodeAnswered: boolean
  readonly pins: NodePins
  /** How all that the node has stands, pins or not. */
  readonly census: Census
}

/** Lists the service and the node at the same time, and says how far it is. */
export async function listBothSides({
  config,
  clients,
  log,
  snapshot,
  node,
  time,
}: Work): Promise<BothSides> {
  const signal = time.inTime
  const pins = new NodePins()
  const census = new Census()
  // A backup names pins as the service does; a manifest also has those that no bucket has.
  const names = config.direction !== 'backup' || config.manifest
  return log.group('Listing the service and the node', async () => {
    let listed = 0
    let hasNodeAnswered = false
    const leftIn = new Map<string, number>()
    const say = { log: (line: string) => log.info(line), now: () => performance.now() }
    using progress = new Progress({ what: 'requests read', ...say })
    using pinsRead = new Progress({ what: 'pins of the node read', ...say })
    const onProgress = ({ bucket, read, left }: ListingProgress) => {
      listed += read
      leftIn.set(bucket, left)
      progress.add(read)
      progress.setTotal(listed + leftIn.values().reduce((sum, n) => sum + n, 0))
    }
    const onAnswer = () => {
      hasNodeAnswered = true
    }
    const [buckets, nodeSide] = await Promise.all([
      listService(config, {
        clients,
        snapshot,
        signal,
        onProgress,
      }),
      listNode(node, { pins, census, names, signal, onAnswer, onPin: () => pinsRead.add() }).then(
        (identity) => ({ identity, nodeError: undefined }),
        (nodeError: unknown) => ({ identity: undefined, nodeError }),
      ),
    ])
    if (buckets.some(hasChanged)) snapshot.markChanged()
    for (const bucket of buckets) log.info(describe(bucket))
    if (nodeSide.identity !== undefined)
      log.info(
        `The node, ${node.product} ${nodeSide.identity.version}: ${count(pins.size, 'recursive pin')}${notPins(census)}`,
      )
    return { kind: node.kind, buckets, ...nodeSide, hasNodeAnswered, pins, census }
  })
}

/** What a cluster has, and not, or not yet, as it should. */
function notPins({ standings, size }: Census): string {
  const left = size - standings.pinned
  return left === 0
    ? ''
    : `, and ${count(left, 'CID')} that ${left === 1 ? 'has' : 'have'} not all their copies`
}

function describe({ name, requests, result, httpRequests }: ListedBucket): string {
  const asked = count(httpRequests, 'HTTP request')
  if (result === undefined) return `Bucket ${name}: the listing broke off after ${asked}`
  const { mode, complete, added, removed, changed } = result
  const found = `${mode}, ${complete ? 'complete' : 'not complete'}: ${added} added, ${removed} removed, ${changed} changed`
  return `Bucket ${name}: ${count(requests.count(everything), 'request')}, ${found}, ${asked}`
}

/** Whether a listing found anything that is worth saving. One that broke off may always have. */
function hasChanged({ result, mode }: ListedBucket): boolean {
  if (result === undefined || mode === 'cold') return true
  return result.added + result.removed + result.changed + result.vanished > 0
}
