import { cidV1 } from '../domain/cid.ts'
import type { NodeIdentity } from '../node/node.ts'
import type { Report } from '../report/report.ts'
import type { Standing } from '../update/with-accepted.ts'

/** Of the node's pins that no bucket has, the report names so many. */
const mostExamples = 20

/** What the report says of the node. */
export function nodeReport(
  { version, peerId }: NodeIdentity,
  pins: number,
  standing: Pick<Standing, 'onlyOnNode' | 'countOnlyOnNode'>,
  { isProved, isNodeBelieved }: { readonly isProved: boolean; readonly isNodeBelieved: boolean },
): NonNullable<Report['node']> {
  return {
    kind: 'kubo',
    version,
    peerId,
    pins,
    believed: isNodeBelieved,
    onlyHere: standing.countOnlyOnNode,
    onlyHereProved: isProved,
    onlyHereExamples: Iterator.from(standing.onlyOnNode()).take(mostExamples).map(cidV1).toArray(),
  }
}
