import type { Config } from './config/config.ts'
import { InputError } from './errors.ts'

/** Refuses what the inputs allow and this version does not do yet, before anything is asked of anybody. */
export function notYet(config: Config): void {
  const problems = [...(config.nodeKind === 'kubo' ? [] : ['`node-kind: cluster`'])]
  if (problems.length > 0)
    throw new InputError(
      problems.map((what) => `${what} is not part of this version yet.`),
      config.heartbeatUrl,
    )
}
