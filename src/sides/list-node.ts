import { parseCid } from '../domain/cid.ts'
import type { NodePins } from '../domain/node-pins.ts'
import type { Census } from '../domain/replication.ts'
import type { Node, NodeIdentity } from '../node/node.ts'

/** Takes in the node's recursive pins. @throws NodeError unless all of them came */
export async function listNode(
  node: Node,
  {
    pins,
    census,
    names,
    signal,
    onAnswer,
    onPin,
  }: {
    readonly pins: NodePins
    /** Of all that it has, pins or not. */
    readonly census: Census
    /** Whether their names are needed: Kubo takes twice the time to list them (measured). */
    readonly names: boolean
    readonly signal: AbortSignal
    /** Called when the node has given its first answer. */
    readonly onAnswer: () => void
    readonly onPin: () => void
  },
): Promise<NodeIdentity> {
  const identity = await node.identify(signal)
  onAnswer()
  for await (const pin of node.listPins({ names, signal })) {
    onPin()
    census.add(pin)
    const { cid, name, standing } = pin
    const parsed = standing === 'pinned' ? parseCid(cid) : undefined
    if (parsed !== undefined) pins.add(parsed.key, { isV0: cid.startsWith('Qm'), name })
  }
  return identity
}
