import { isAbsolute, resolve } from 'node:path'
import type { Inputs } from './inputs.ts'

/** `snapshot-dir`: a folder on the box, relative to the workspace; `undefined` for none. */
export function readSnapshotDir(inputs: Inputs, workspace: string): string | undefined {
  const given = inputs.text('snapshot-dir')
  if (given === '') return undefined
  if (given.startsWith('~'))
    inputs.problem('snapshot-dir', 'must be a path without `~`, which only a shell understands.')
  return isAbsolute(given) ? given : resolve(workspace, given)
}

/** It becomes part of a file's name and of a cache key. */
export function readCacheKey(inputs: Inputs): string {
  const key = inputs.text('cache-key') || 'ipfs-pin-mirror'
  if (!/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/.test(key))
    inputs.problem('cache-key', `must be 1 to 100 letters, digits, ., _ or -, not ${inputs.quote(key)}.`)
  return key
}
