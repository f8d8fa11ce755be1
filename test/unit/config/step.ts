import { readConfig } from '../../../src/config/config.ts'
import { readGitHubContext } from '../../../src/config/github.ts'
import type { Config, Reading } from '../../../src/config/types.ts'
import { Secrets } from '../../../src/secrets/secrets.ts'

/** By name, as a workflow has them. */
export type Inputs = Readonly<Record<string, string>>

/** The environment of a step with these inputs; the least that a run needs is there unless it is overridden. */
export function environment(inputs: Inputs, env: Inputs = {}): NodeJS.ProcessEnv {
  const all = Object.entries({ buckets: 'main=s3cret-token', ...inputs })
  return { ...env, ...Object.fromEntries(all.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])) }
}

export function readEnvironment(env: NodeJS.ProcessEnv, mask: (secret: string) => void = () => {}): Reading {
  return readConfig(env, readGitHubContext(env), new Secrets(mask))
}

/** The config that good inputs make. */
export function read(inputs: Inputs, env: Inputs = {}): Config {
  const reading = readEnvironment(environment(inputs, env))
  if (!reading.isGood) throw new Error(`the inputs are bad:\n${reading.problems.join('\n')}`)
  return reading.config
}

/** What is wrong with inputs; nothing with good ones. */
export function problemsOf(inputs: Inputs, env: Inputs = {}): readonly string[] {
  const reading = readEnvironment(environment(inputs, env))
  return reading.isGood ? [] : reading.problems
}

export const lines = (...items: string[]) => items.join('\n')
