import { describe, expect, test } from 'vitest'
import { BadAnswerError, DeadlineError, NoAnswerError, StatusError } from '../../../../src/errors.ts'
import { sentLine, Waits } from '../../../../src/text/lines/requests.ts'

const facts = { method: 'GET', url: 'https://api.example/v1/pins?limit=1000' }

describe('a request that was sent', () => {
  const lineOf = (answer: Parameters<typeof sentLine>[0]['answer'], error?: unknown) =>
    sentLine({ ...facts, took: 340.4, answer, error })
  const address = 'GET https://api.example/v1/pins?limit=1000'

  test.each([
    ['a page', JSON.stringify({ count: 5, results: [{}, {}, {}] }), '200, 3 rows, 340ms'],
    ['a list', '[1]', '200, 1 row, 340ms'],
    ['no list', '{"Version":"0.43.0"}', '200, 340ms'],
    ['two lists', '{"a":[1],"b":[]}', '200, 340ms'],
    ['no JSON', '<html>', '200, 340ms'],
    ['nothing', '', '200, 340ms'],
    ['null', 'null', '200, 340ms'],
  ])('is told with how much the answer lists: %s', (_, body, told) => {
    expect(lineOf({ status: 200, body: [body] })).toBe(`${address}: ${told}`)
  })

  test('is not looked through where it is too long for one piece', () => {
    expect(lineOf({ status: 200, body: ['[', ']'] })).toBe(`${address}: 200, 340ms`)
  })

  test('is told with its lines where it was read as it came', () => {
    expect(lineOf({ status: 200, body: { lines: 1_234 } })).toBe(`${address}: 200, 1,234 rows, 340ms`)
    expect(lineOf({ status: 200, body: { lines: 2 } }, new Error('enough'))).toBe(
      `${address}: 200, 2 rows, cut off, 340ms`,
    )
  })

  test.each([
    [new StatusError({ ...facts, status: 500, body: '' }), '500'],
    [
      new StatusError({ ...facts, status: 429, body: '', retryAfterMs: 20_000 }),
      '429, which asks to wait 20s',
    ],
    [new NoAnswerError({ ...facts, code: 'ECONNREFUSED', detail: 'refused' }), 'no answer (ECONNREFUSED)'],
    [new DeadlineError({ ...facts, waitedMs: 30_000 }), 'no answer in time'],
    [new Error('enough'), 'cut off'],
  ])('is told with why no answer counts: %s', (error, why) => {
    expect(lineOf(undefined, error)).toBe(`${address}: ${why}, 340ms`)
  })

  test('is told with what is wrong with the answer', () => {
    const error = new BadAnswerError({ ...facts, detail: 'larger than 10 bytes' })
    expect(lineOf(undefined, error)).toContain('larger than 10 bytes')
  })
})

describe('what is waited for', () => {
  const names = [
    ['https://api.example/', 'the service'],
    ['http://127.0.0.1:5001', 'the node'],
  ] as const
  const busy = new StatusError({ ...facts, status: 429, body: '' })
  const wait = (ms: number, url = facts.url, error: unknown = busy) => ({ url, ms, error })

  test.each([
    [busy, 'is busy (429)'],
    [new StatusError({ ...facts, status: 503, body: '', retryAfterMs: 20_000 }), 'is busy (503)'],
    [new StatusError({ ...facts, status: 502, body: '' }), 'answers with status 502'],
    [new NoAnswerError({ ...facts, code: 'ECONNREFUSED', detail: '' }), 'does not answer (ECONNREFUSED)'],
    [new DeadlineError({ ...facts, waitedMs: 60_000 }), 'does not answer (not within 1m)'],
    [new BadAnswerError({ ...facts, detail: 'nonsense' }), 'gives no good answer'],
  ])('is said, with why: %s', (error, why) => {
    expect(new Waits(names).line(wait(20_000, facts.url, error), 0)).toBe(`the service ${why}: waiting 20s`)
  })

  test('is said of everybody by name, or by host', () => {
    const waits = new Waits(names)
    expect(waits.line(wait(5_000, 'http://127.0.0.1:5001/api/v0/id'), 0)).toMatch(/^the node is busy/)
    expect(waits.line(wait(5_000, 'https://elsewhere.example/x'), 0)).toMatch(/^elsewhere\.example is busy/)
    expect(waits.line(wait(5_000, 'heartbeat-url'), 0)).toMatch(/^heartbeat-url is busy/)
  })

  test('is not said where it is short', () => {
    expect(new Waits(names).line(wait(1_999), 0)).toBe(null)
  })

  test('is said once for all that wait for the same', () => {
    const waits = new Waits(names)
    const lines = Array.from({ length: 32 }, (_, n) => waits.line(wait(20_000), n))
    expect(lines.filter((line) => line !== null)).toHaveLength(1)
  })

  test('is said anew where it begins anew, with no word of before', () => {
    const waits = new Waits(names)
    waits.line(wait(20_000), 0)
    expect(waits.line(wait(20_000), 60_000)).toBe('the service is busy (429): waiting 20s')
  })

  test('is said less and less often where it does not end, with how long that is', () => {
    const waits = new Waits(names)
    const lines: string[] = []
    for (let now = 0; now < 3_600_000; now += 2_000) {
      const line = waits.line(wait(2_000), now)
      if (line !== null) lines.push(line)
    }
    expect(lines.length).toBeLessThan(100)
    expect(lines[1]).toBe('the service is busy (429), and that for 6s now: waiting 2s')
    expect(lines.at(-1)).toMatch(/, and that for 59m [0-9]+s now: waiting 2s$/)
  })
})
