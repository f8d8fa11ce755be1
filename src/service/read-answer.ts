import { setImmediate as turn } from 'node:timers/promises'
import { JSONParser, TokenType } from '@streamparser/json'
import PQueue from 'p-queue'
import { BadAnswerError } from '../errors.ts'
import type { Answer, Request } from '../http/http.ts'

/** What the memory may hold of one answer: the largest known one has less. A value takes some hundred bytes of it. */
const most = { values: 8_000_000, depth: 64 }
/** Of all large answers that wait to be parsed, in characters. */
const mostWaiting = 512 * 1024 * 1024
/** So many characters of a large answer are read in one go: some ms. */
const inOneGo = 256 * 1024

/** Large answers are parsed and read one after the other: what each takes while it is parsed is many times its text. */
const large = new PQueue({ concurrency: 1 })
let waiting = 0

/**
 * Parses JSON and has it read. A large answer is parsed while others have their turns, which takes ten times as long.
 * @throws SyntaxError; BadAnswerError where it is more than the memory may hold; the signal's reason; what `read` throws
 */
export async function readAnswer<T>(
  { pieces }: Pick<Answer, 'pieces'>,
  request: Pick<Request, 'method' | 'url'>,
  read: (json: unknown) => T | Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const [first = '', ...others] = pieces
  if (others.length === 0) return read(JSON.parse(first))
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  waiting += length
  try {
    if (waiting > mostWaiting)
      throw tooMuch(request, `the answers that came at once have more than ${mostWaiting} characters`)
    return await large.add(async () => read(await parseLarge(pieces, request, signal)), { signal })
  } finally {
    waiting -= length
  }
}

async function parseLarge(
  pieces: readonly string[],
  request: Pick<Request, 'method' | 'url'>,
  signal: AbortSignal,
): Promise<unknown> {
  const parser = new JSONParser({ paths: ['$'], keepStack: true })
  let json: unknown
  parser.onValue = ({ value }) => {
    json = value
  }
  const found = { values: 0, depth: 0, deepest: 0 }
  parser.onToken = ({ token }) => countIn(found, token)
  for (const piece of pieces)
    for (let at = 0; at < piece.length; at += inOneGo) {
      write(parser, piece.slice(at, at + inOneGo))
      if (found.values > most.values)
        throw tooMuch(request, `the answer holds more than ${most.values} values`)
      if (found.deepest > most.depth)
        throw tooMuch(request, `the answer is nested more than ${most.depth} deep`)
      await turn()
      signal.throwIfAborted()
    }
  end(parser)
  if (json === undefined) throw tooShort()
  return json
}

/** Counts what begins: at least as many values as there are. */
function countIn(found: { values: number; depth: number; deepest: number }, token: TokenType): void {
  if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) found.depth--
  else if (token === TokenType.COMMA) found.values++
  else if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) {
    found.values++
    found.deepest = Math.max(found.deepest, ++found.depth)
  }
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

function tooMuch({ method, url }: Pick<Request, 'method' | 'url'>, detail: string): BadAnswerError {
  return new BadAnswerError({ method, url: url.href, detail })
}
