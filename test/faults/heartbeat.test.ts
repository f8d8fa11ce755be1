import './hurried.ts'
import { describe, expect, test } from 'vitest'
import { Http } from '../../src/http/http.ts'
import { beat } from '../../src/tell/heartbeat.ts'
import { type HeartbeatSandbox, startHeartbeat } from '../sandbox/heartbeat.ts'
import { type FaultName, faults, harm } from './faults.ts'

const noAnswer = /no answer \(E|no answer \(UND/
const isSilent = /no answer within 10 s/
const rated = /status 429/

/** What the warning says where each request meets the fault; `told` where the monitor takes whatever it answers for heard. */
const table: Readonly<Record<FaultName, RegExp | 'told'>> = {
  'refused connections': noAnswer,
  'a connection that is reset': noAnswer,
  'a connection that is closed': noAnswer,
  'half of an answer': noAnswer,
  silence: isSilent,
  'silence after half of an answer': isSilent,
  'an answer in drips': 'told',
  'an answer that never ends': isSilent,
  'a gigantic answer': /could not be read/,
  'a gzip bomb': 'told',
  'a redirect': /status 307/,
  'a page of HTML': 'told',
  'an empty answer': 'told',
  'a list where an object belongs': 'told',
  null: 'told',
  'fields of other types': 'told',
  '401': /status 401/,
  '403': /status 403/,
  '404': /status 404/,
  '500': /status 500/,
  '502 with HTML': /status 502/,
  '503 with Retry-After': /status 503/,
  '504': /status 504/,
  '429 with seconds': rated,
  '429 with a date': rated,
  '429 with a date that has passed': rated,
  '429 with negative seconds': rated,
  '429 with a huge number': /left alone for longer than a minute/,
  '429 with words': rated,
  '429 with nothing': rated,
}
/** One such answer is enough to give up: it says no, is too long, or asks for too much. */
const isFinal = (fault: FaultName) =>
  [
    'refused connections',
    'a gigantic answer',
    'a redirect',
    '429 with a huge number',
    '401',
    '403',
    '404',
    '500',
  ].includes(fault)
const names = Object.keys(faults) as FaultName[]

async function beatWith(monitor: HeartbeatSandbox): Promise<string | null> {
  const http = new Http('beat')
  try {
    return await beat(http, new URL(monitor.url), 'good', new AbortController().signal)
  } finally {
    await http.close()
  }
}

describe('whenever the monitor is told', () => {
  test.each(names)('%s: a warning, in which its address stays a secret', async (fault) => {
    await using monitor = await startHeartbeat()
    const secret = new URL(monitor.url).pathname.split('/').at(-1) ?? ''
    await harm(monitor, fault)
    const warning = await beatWith(monitor)
    const expected = table[fault]
    if (expected === 'told') expect(warning).toBeNull()
    else expect(warning).toMatch(expected)
    expect(warning ?? '').not.toContain(secret)
    expect(monitor.requests.map(({ path }) => path)).not.toContain('/elsewhere')
  })
})

describe('the first time that the monitor is told', () => {
  test.each(names)('%s: told again where that may help', async (fault) => {
    await using monitor = await startHeartbeat()
    await harm(monitor, fault, { most: 1 })
    const warning = await beatWith(monitor)
    if (isFinal(fault)) expect(warning).toMatch(table[fault] as RegExp)
    else expect(warning).toBeNull()
  })
})
