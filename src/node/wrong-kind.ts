import { NodeError } from '../errors.ts'

/** What the IPFS proxy of a cluster calls itself in the `Server` header of what it answers in Kubo's place. */
const proxyServer = 'ipfs-cluster/ipfsproxy/'

export function isProxyServer(server: string | undefined): boolean {
  return server?.startsWith(proxyServer) ?? false
}

/** node-kind is kubo, and what answers is the REST API of a cluster. */
export function isClusterInstead(node: string, cause: unknown): NodeError {
  return new NodeError(
    'bad-answer',
    `what answers at ${node} is IPFS Cluster's REST API, and node-kind is kubo. For the whole cluster, set node-kind to cluster; for one Kubo node alone, let node-url lead to its RPC API (usually port 5001).`,
    cause,
  )
}

/** node-kind is kubo, and what answers is a cluster's proxy, which says "pinned" of what is only asked for (measured). */
export function isProxyInstead(node: string): NodeError {
  return new NodeError(
    'bad-answer',
    `what answers at ${node} is the IPFS proxy of an IPFS Cluster, which takes what it was asked to pin for pinned. For the whole cluster, set node-kind to cluster and let node-url lead to its REST API (usually port 9094); for one Kubo node alone, let node-url lead to its RPC API (usually port 5001).`,
  )
}

/** node-kind is cluster, and what answers is Kubo, or a cluster's IPFS proxy, which passes most calls on to Kubo. */
export function isKuboInstead(node: string, cause: unknown): NodeError {
  return new NodeError(
    'bad-answer',
    `what answers at ${node} is Kubo's RPC API, or a cluster's IPFS proxy (usually port 9095), and node-kind is cluster. For a cluster, let node-url lead to its REST API (usually port 9094); for a Kubo node alone, set node-kind to kubo.`,
    cause,
  )
}
