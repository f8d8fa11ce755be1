import type { Inputs } from './inputs.ts'
import type { Config } from './types.ts'

/** `keep-free` where nobody chose it. */
const unchosen = 5e9

/** `keep-free` and `max-bytes`: what a backup leaves of the node's disk, and of the service's bill. */
export function readLimits(
  inputs: Inputs,
  nodeKind: Config['nodeKind'],
): Pick<Config, 'keepFree' | 'maxBytes'> {
  const maxBytes = inputs.size('max-bytes', 1)
  if (maxBytes !== null && nodeKind === 'cluster')
    inputs.problem(
      'max-bytes',
      'is for `node-kind: kubo`: a cluster does not tell how many bytes it fetches.',
    )
  const keepFree = inputs.size('keep-free', 0) ?? unchosen
  if (nodeKind === 'cluster' && keepFree !== unchosen && keepFree !== 0)
    inputs.warning('keep-free', 'counts for nothing with `node-kind: cluster`, which does not tell its room.')
  return { keepFree, maxBytes }
}
