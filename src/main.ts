import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net'
import * as cache from '@actions/cache'
import * as core from '@actions/core'
import { runAction } from './action.ts'
import { addressPatience } from './http/dual-stack.ts'

// Also for GitHub's API and the cache.
setDefaultAutoSelectFamilyAttemptTimeout(addressPatience)

const cancel = new AbortController()
// SIGHUP: the terminal, or whoever started it, is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => cancel.abort())

await runAction({ env: process.env, core, cache, signal: cancel.signal })
