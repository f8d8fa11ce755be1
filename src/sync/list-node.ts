import { parseCid } from '../domain/cid.ts'
import type { Comparison } from '../domain/compare.ts'
import type { Node, NodeIdentity } from '../node/node.ts'

/** Adds the node's recursive pins to the comparison. @throws NodeError unless all of them came */
export async function listNode(
  node: Node,
  {
    comparison,
    names,
    signal,
    onAnswer,
    onPin,
  }: {
    readonly comparison: Comparison
    /** Whether their names are needed: Kubo takes twice the time to list them (measured). */
    readonly names: boolean
    readonly signal: AbortSignal
    /** Called once it has answered at all. */
    readonly onAnswer: () => void
    readonly onPin: () => void
  },
): Promise<NodeIdentity> {
  const identity = await node.identify(signal)
  onAnswer()
  for await (const { cid, name } of node.listPins({ names, signal })) {
    onPin()
    const parsed = parseCid(cid)
    if (parsed !== undefined) comparison.addNodePin(parsed.key, { isV0: cid.startsWith('Qm'), name })
  }
  return identity
}
