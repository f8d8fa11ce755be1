import { setImmediate as turn } from 'node:timers/promises'
import { JSONParser } from '@streamparser/json'
import { BadAnswerError } from '../errors.ts'
import type { Answer, Request } from '../http/http.ts'

/** The largest known answer has fewer values. A small value takes two bytes of text, and a hundred bytes of memory. */
const mostValues = 8_000_000
/** So many characters of a large answer are read in one go: some ms. */
const inOneGo = 256 * 1024

/**
 * Parses JSON. A large answer is parsed while others have their turns, which takes ten times as long.
 * @throws SyntaxError; BadAnswerError where it has more values than the memory may hold; the signal's reason
 */
export async function parseAnswer(
  { pieces }: Pick<Answer, 'pieces'>,
  request: Pick<Request, 'method' | 'url'>,
  signal: AbortSignal,
): Promise<unknown> {
  const [first = '', ...others] = pieces
  if (others.length === 0) return JSON.parse(first)
  const parser = new JSONParser({ paths: ['$'], keepStack: true })
  let json: unknown
  parser.onValue = ({ value }) => {
    json = value
  }
  let values = 0
  for (const piece of pieces)
    for (let at = 0; at < piece.length; at += inOneGo) {
      const part = piece.slice(at, at + inOneGo)
      values += valuesIn(part)
      if (values > mostValues) throw tooMany(request)
      write(parser, part)
      await turn()
      signal.throwIfAborted()
    }
  end(parser)
  if (json === undefined) throw tooShort()
  return json
}

function write(parser: JSONParser, part: string): void {
  try {
    parser.write(part)
  } catch (error) {
    throw new SyntaxError('the answer is not JSON', { cause: error })
  }
}

/** A number is over only when nothing more comes. */
function end(parser: JSONParser): void {
  try {
    if (!parser.isEnded) parser.end()
  } catch (error) {
    throw tooShort(error)
  }
}

function tooShort(cause?: unknown): SyntaxError {
  return new SyntaxError('the answer ends before its JSON does', { cause })
}

function tooMany({ method, url }: Pick<Request, 'method' | 'url'>): BadAnswerError {
  return new BadAnswerError({
    method,
    url: url.href,
    detail: `the answer holds more than ${mostValues} values`,
  })
}

/** At least as many values as begin in a part of a JSON text. */
function valuesIn(text: string): number {
  let values = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === comma || code === bracket || code === brace) values++
  }
  return values
}

const [comma, bracket, brace] = [0x2c, 0x5b, 0x7b]
