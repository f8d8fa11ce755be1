import { parseCid } from '../domain/cid.ts'
import type { Comparison } from '../domain/compare.ts'
import type { Node, NodeIdentity } from '../node/node.ts'

/** Adds the node's recursive pins to the comparison. @throws NodeError unless all of them came */
export async function listNode(
  node: Node,
  {
    comparison,
    signal,
    onPin,
  }: { readonly comparison: Comparison; readonly signal: AbortSignal; readonly onPin: () => void },
): Promise<NodeIdentity> {
  const identity = await node.identify(signal)
  for await (const { cid } of node.listPins({ names: false, signal })) {
    onPin()
    const parsed = parseCid(cid)
    if (parsed !== undefined) comparison.addNodePin(parsed.key)
  }
  return identity
}
