import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BadAnswerError } from '../../../src/errors.ts'
import { readAnswer } from '../../../src/service/read-answer.ts'
import { countTurns } from './turns.ts'

const request = { method: 'GET', url: new URL('https://service.example/pins') } as const
const never = new AbortController().signal
const parse = (pieces: readonly string[], signal = never) =>
  readAnswer({ pieces }, request, (json) => json, signal)

/** A text cut at some places, which may lie within a character. */
const cutAt = (text: string, places: readonly number[]) => {
  const cuts = [0, ...places.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length]
  return cuts.slice(1).map((cut, index) => text.slice(cuts[index], cut))
}

test('an answer is read as JSON is, into however many pieces it is cut', async () => {
  const json = fc.jsonValue({ stringUnit: 'binary' })
  const places = fc.array(fc.nat(), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(json, places, async (value, cuts) => {
      const text = JSON.stringify(value)
      expect(await parse(cutAt(text, cuts))).toEqual(JSON.parse(text))
    }),
  )
})

test.each([
  ['one that ends too soon', '{"count":1,"results":[{"a"'],
  ['one that goes on', '{"count":1}{"count":2}'],
  ['a page of HTML', '<html>'],
  ['nothing', ''],
])('what is not JSON is said to be none, in one piece and in two: %s', async (_, text) => {
  await expect(parse([text])).rejects.toBeInstanceOf(SyntaxError)
  await expect(parse([text.slice(0, 5), text.slice(5)])).rejects.toBeInstanceOf(SyntaxError)
})

describe('a large answer', () => {
  const turns = countTurns()

  const half = `${' '.repeat(2_000_000)}[`
  const rest = `${' '.repeat(2_000_000)}]`

  test('is read while others have their turns', async () => {
    expect(await parse([half, rest])).toEqual([])
    expect(turns.sofar).toBeGreaterThanOrEqual(12)
  })

  test('is not read to its end where that is not wanted any more', async () => {
    const stop = new AbortController()
    setImmediate(() => stop.abort(new Error('stopped')))
    await expect(parse([half, rest], stop.signal)).rejects.toThrow('stopped')
  })

  test.each(['[', '{"a":'])('that is nested too deep is given up: %s', async (open) => {
    const piece = open.repeat(500_000)
    await expect(parse([piece, piece])).rejects.toThrow('nested more than 64 deep')
  })

  test('waits until the one before is read: one takes many times its text while it is parsed', async () => {
    const told: string[] = []
    const follow = (name: string) =>
      readAnswer({ pieces: [half, rest] }, request, async () => void told.push(`${name} is read`), never)
    const first = follow('first').then(() => told.push('first is over'))
    await Promise.all([first, follow('second')])
    expect(told.indexOf('first is over')).toBeLessThan(told.indexOf('second is read'))
  })

  test('of more values than the memory may hold is given up', async () => {
    const zeros = '0,'.repeat(4_000_000)
    await expect(parse(['[', zeros, zeros, '0]'])).rejects.toBeInstanceOf(BadAnswerError)
  })
})
