// Preloaded into the action's process, so that what nobody catches happens there. UNCAUGHT names it.
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'

const fault = () => {
  throw new Error('nobody catches this')
}
const reject = (reason: unknown) => void Promise.reject(reason)
/** Nothing keeps the process alive for a promise that is never settled. */
const never = () => new Promise<never>(() => {})

/** Lets a function of Node's never come to its end, the first time. */
function firstNever<Name extends string>(
  module: Record<Name, (...args: never[]) => unknown>,
  name: Name,
): void {
  const original = module[name]
  let calls = 0
  module[name] = ((...args: never[]) => (calls++ === 0 ? never() : original(...args))) as typeof original
  syncBuiltinESMExports()
}

const makers: Record<string, () => void> = {
  'thrown on SIGUSR2': () => process.on('SIGUSR2', () => setImmediate(fault)),
  'rejected on SIGUSR2': () => process.on('SIGUSR2', () => reject(new Error('nobody catches this, neither'))),
  'no error on SIGUSR2': () => process.on('SIGUSR2', () => reject(Object.create(null))),
  'thrown for ever from SIGUSR2 on': () => process.on('SIGUSR2', () => setInterval(fault, 1)),
  'thrown on SIGINT': () => process.on('SIGINT', () => setImmediate(fault)),
  'the log is gone on SIGUSR2': () =>
    process.on('SIGUSR2', () => {
      process.stdout.write = () => {
        throw new Error('the log is gone')
      }
    }),
  'no timer ever fires': () => {
    globalThis.setTimeout = (() => ({})) as unknown as typeof setTimeout
  },
  'the first pause never ends': () => firstNever(timers, 'setTimeout'),
  'the first file is never written': () => firstNever(fs, 'writeFile'),
}
const make = makers[process.env['UNCAUGHT'] ?? '']
if (make === undefined) throw new Error(`UNCAUGHT is none of ${Object.keys(makers).join(', ')}`)
make()
