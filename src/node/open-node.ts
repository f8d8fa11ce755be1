import type { Config } from '../config/types.ts'
import type { Http } from '../http/http.ts'
import { Cluster } from './cluster/cluster.ts'
import { Kubo } from './kubo/kubo.ts'
import type { Node } from './node.ts'

/** The node of the inputs: here alone it is asked of which kind it is. */
export function openNode(
  { nodeKind, nodeUrl: url, nodeAuthorization: authorization }: Config,
  http: Http,
): Node {
  const options = { http, url, authorization }
  return nodeKind === 'cluster' ? new Cluster(options) : new Kubo(options)
}
