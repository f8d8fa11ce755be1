import { type CheckedAccount, checkAccount } from '../account/account.ts'
import { allEnded } from '../all-ended.ts'
import { NodePins } from '../domain/node-pins.ts'
import { Census } from '../domain/replication.ts'
import { everything } from '../domain/windows.ts'
import type { Node, NodeIdentity } from '../node/node.ts'
import { bucketLines, windowLine } from '../text/lines/listing.ts'
import { count, number } from '../text/numbers.ts'
import { Counted, Progress } from '../text/progress.ts'
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
  /** The buckets of the account that are not mirrored. */
  readonly account: CheckedAccount
}

/** Lists the service and the node at the same time, and says how far it is. */
export async function listBothSides(work: Work): Promise<BothSides> {
  const { config, log, snapshot, node, time, http } = work
  const pins = new NodePins()
  const census = new Census()
  let hasNodeAnswered = false
  const onAnswer = () => {
    hasNodeAnswered = true
  }
  const what = config.buckets.length === 1 ? 'the bucket' : `${number(config.buckets.length)} buckets`
  const [buckets, nodeSide, account] = await log.group(`Listing ${what} and the node`, () =>
    allEnded([
      listBuckets(work),
      listPins(work, { pins, census, onAnswer }).then(
        (identity) => ({ identity, nodeError: undefined }),
        (nodeError: unknown) => ({ identity: undefined, nodeError }),
      ),
      checkAccount(config.accountCheck, { http, signal: time.inTime }),
    ]),
  )
  if (buckets.some(hasChanged)) snapshot.markChanged()
  for (const line of bucketLines(buckets.map(toldOf))) log.info(line)
  if (nodeSide.identity !== undefined)
    log.info(
      `${node.product} ${nodeSide.identity.version}: ${count(pins.size, 'recursive pin')}${notPins(census)}`,
    )
  return { kind: node.kind, buckets, ...nodeSide, hasNodeAnswered, pins, census, account }
}

async function listBuckets({ config, clients, snapshot, log, time }: Work): Promise<ListedBucket[]> {
  const now = () => performance.now()
  const read = new Counted('requests read', now())
  const leftIn = new Map<string, number>()
  using _ = new Progress({ line: () => read.line(now()), log: (line) => log.info(line), now })
  return await listService(config, {
    clients,
    snapshot,
    signal: time.inTime,
    lastLook: () => time.lastLook(),
    onProgress: ({ bucket, read: howMany, left }) => {
      leftIn.set(bucket, left)
      read.add(now(), howMany)
      read.total = read.done + leftIn.values().reduce((sum, n) => sum + n, 0)
    },
    onWindow: (decision) => log.debug(() => windowLine(decision)),
  })
}

async function listPins(
  { config, log, node, time }: Work,
  found: Pick<Parameters<typeof listNode>[1], 'pins' | 'census' | 'onAnswer'>,
): Promise<NodeIdentity> {
  const now = () => performance.now()
  const read = new Counted('pins of the node read', now())
  using _ = new Progress({ line: () => read.line(now()), log: (line) => log.info(line), now })
  // A backup names pins as the service does; a manifest also has those that no bucket has.
  const names = config.direction !== 'backup' || config.manifest
  return await listNode(node, { ...found, names, signal: time.inTime, onPin: () => read.add(now()) })
}

/** What a cluster has, and not, or not yet, as it should. */
function notPins({ standings, size }: Census): string {
  const left = size - standings.pinned
  return left === 0
    ? ''
    : `, and ${count(left, 'CID')} that ${left === 1 ? 'has' : 'have'} not all their copies`
}

function toldOf({
  name,
  requests,
  result,
  httpRequests,
}: ListedBucket): Parameters<typeof bucketLines>[0][0] {
  return {
    name,
    changes: result ?? null,
    isProved: result?.complete === true || result?.unprovable === true,
    requests: requests.count(everything),
    asked: httpRequests,
  }
}

/** Whether a listing found anything that is worth saving. One that broke off may always have. */
function hasChanged({ result, mode }: ListedBucket): boolean {
  if (result === undefined || mode === 'cold') return true
  return result.added + result.removed + result.changed + result.vanished > 0
}
