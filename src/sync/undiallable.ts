import type { Config } from '../config/types.ts'
import { obstacleTo, type Reachability } from '../domain/reachability.ts'
import { NodeError } from '../errors.ts'
import type { NodeIdentity } from '../node/node.ts'
import { logLine } from '../report/escape.ts'
import { cannotBeDialled } from '../report/warnings.ts'
import type { Work } from './phase.ts'
import { isOnPrivateNetwork } from './private-endpoint.ts'

interface Asking extends Pick<Work, 'node' | 'record' | 'time'> {
  readonly config: Pick<Config, 'origins' | 'endpoint'>
  readonly log: Pick<Work['log'], 'info'>
}

/** Before the service is asked to fetch from the node: says where it will hardly be able to. */
export async function warnWhereUndiallable(work: Asking, { addresses }: NodeIdentity): Promise<void> {
  const { config, log, record, time } = work
  // A service of the same private network needs no public address.
  if (await isOnPrivateNetwork(config.endpoint, time.inTime)) return
  const obstacle = obstacleTo(config.origins, addresses, await reachabilityOf(work))
  if (obstacle === null) return
  const warning = cannotBeDialled(obstacle)
  record.warnings.push(warning)
  // At once, as what is sent now is paid for; the warnings of a run are said at its end.
  log.info(`${warning.where}: ${warning.message}`)
}

/** A node that fails to say so is no reason to end the run. */
async function reachabilityOf({ node, log, time }: Asking): Promise<Reachability | undefined> {
  try {
    return await node.reachability(time.inTime)
  } catch (error) {
    if (time.isOver) return undefined
    if (!(error instanceof NodeError)) throw error
    log.info(logLine(`Whether the node can be dialled is not known: ${error.message}`))
    return undefined
  }
}
