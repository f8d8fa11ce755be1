import { type CidKey, cidV1 } from '../domain/cid.ts'
import type { NodeIdentity } from '../node/node.ts'
import type { Report } from '../report/report.ts'

/** Of the node's pins that no bucket has, the report names so many. */
const mostExamples = 20

/** What the report says of the node. */
export function nodeReport(
  { version, peerId }: NodeIdentity,
  pins: number,
  onlyOnNode: Iterable<CidKey>,
  { isProved, isNodeBelieved }: { readonly isProved: boolean; readonly isNodeBelieved: boolean },
): NonNullable<Report['node']> {
  let onlyHere = 0
  const examples: CidKey[] = []
  for (const key of onlyOnNode) if (onlyHere++ < mostExamples) examples.push(key)
  return {
    kind: 'kubo',
    version,
    peerId,
    pins,
    believed: isNodeBelieved,
    onlyHere,
    onlyHereProved: isProved,
    onlyHereExamples: examples.map(cidV1),
  }
}
