import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonLinesError, jsonLines } from '../../../src/node/json-lines.ts'

async function* inPieces(text: string, cuts: readonly number[] = []): AsyncIterable<string> {
  let start = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    yield text.slice(start, cut)
    start = cut
  }
  yield text.slice(start)
}

const read = (text: string, cuts?: readonly number[]) => Array.fromAsync(jsonLines(inPieces(text, cuts)))

describe('jsonLines', () => {
  test('reads the same values however the text is cut', async () => {
    const values = fc.array(fc.record({ Cid: fc.string({ unit: 'grapheme' }), n: fc.integer() }))
    await fc.assert(
      fc.asyncProperty(values, fc.array(fc.nat(500)), async (written, places) => {
        const text = written.map((value) => `${JSON.stringify(value)}\n`).join('')
        const cuts = places.map((place) => Math.min(place, text.length))
        expect(await read(text, cuts)).toEqual(written)
      }),
    )
  })

  test('reads nothing from an empty stream, and skips empty lines', async () => {
    expect(await read('')).toEqual([])
    expect(await read('\n{"a":1}\n\n')).toEqual([{ a: 1 }])
  })

  test.each([
    ['a last line that is cut', '{"a":1}\n{"a":'],
    ['a last line that looks whole and lacks its newline', '{"a":1}\n{"a":2}'],
    ['a line that is not JSON', '{"a":1}\n404 page not found\n'],
    ['a line without end', `{"a":1}\n"${'x'.repeat(1024 * 1024 + 1)}`],
  ])('gives what came before, then fails: %s', async (_, text) => {
    const lines = jsonLines(inPieces(text))[Symbol.asyncIterator]()
    expect(await lines.next()).toEqual({ done: false, value: { a: 1 } })
    await expect(lines.next()).rejects.toThrow(JsonLinesError)
  })
})
