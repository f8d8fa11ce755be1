import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net'
import * as cache from '@actions/cache'
import * as core from '@actions/core'
import { runAction } from './action.ts'
import { addressPatience } from './http/dual-stack.ts'
import { guardOutput } from './secrets/guard.ts'
import { Secrets } from './secrets/secrets.ts'

// Also for GitHub's API and the cache.
setDefaultAutoSelectFamilyAttemptTimeout(addressPatience)

const secrets = new Secrets(core.setSecret)
for (const stream of [process.stdout, process.stderr]) guardOutput(stream, secrets)

const cancel = new AbortController()
// SIGHUP: the terminal, or whoever started it, is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => cancel.abort())

await runAction({ env: process.env, core, secrets, cache, signal: cancel.signal })
