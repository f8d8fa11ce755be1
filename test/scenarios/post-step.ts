import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stepOf } from '../action-steps.ts'
import type { Mirror } from './mirror.ts'

const preload = new URL('uncaught.ts', import.meta.url).href

/** Starts the post step as it is started after a run; `state` is what the main step left. */
export function startPost(mirror: Mirror, state: string, env: Readonly<Record<string, string>> = {}) {
  const uncaught = env['UNCAUGHT'] === undefined ? [] : ['--import', preload]
  const { script, compileCache } = stepOf('post')
  const child = spawn(process.execPath, [...uncaught, script], {
    cwd: mirror.workspace,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: compileCache,
      STATE_snapshot: state,
      RUNNER_TEMP: mirror.workspace,
      ...env,
    },
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
  const ended = once(child, 'close').then(([exitCode]) => ({ exitCode, log }))
  return { ended, kill: (signal: NodeJS.Signals) => child.kill(signal) }
}
