import type { Config } from '../config/types.ts'
import { isOnPrivateNetwork } from '../delegates/private-endpoint.ts'
import type { Problem } from '../domain/problem.ts'
import { obstacleTo, type Reachability } from '../domain/reachability.ts'
import { NodeError } from '../errors.ts'
import type { NodeIdentity } from '../node/node.ts'
import { logLine } from '../text/escape.ts'
import type { Work } from '../work.ts'
import { cannotBeDialled } from './problems.ts'

interface Asking extends Pick<Work, 'node' | 'time'> {
  readonly config: Pick<Config, 'origins' | 'endpoint'>
  readonly log: Pick<Work['log'], 'info'>
}

/**
 * Before the service is asked to fetch from the node: what keeps it from that. It is said in the log at once, as what is
 * sent now is paid for; the warnings of a run are said at its end.
 */
export async function whatIsUndiallable(work: Asking, { addresses }: NodeIdentity): Promise<Problem[]> {
  const { config, log, time } = work
  // A service of the same private network needs no public address.
  if (await isOnPrivateNetwork(config.endpoint, time.inTime)) return []
  const obstacle = obstacleTo(config.origins, addresses, await reachabilityOf(work))
  if (obstacle === null) return []
  const warning = cannotBeDialled(obstacle)
  log.info(`${warning.where}: ${warning.message}`)
  return [warning]
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
