import { BadAnswerError } from '../errors.ts'
import type { Request } from '../http/http.ts'

/** The largest known answer has fewer values. A small value takes two bytes of text, and a hundred bytes of memory. */
const mostValues = 8_000_000

/** Parses JSON. @throws SyntaxError; BadAnswerError where it has more values than the memory may hold */
export function parseAnswer(text: string, { method, url }: Pick<Request, 'method' | 'url'>): unknown {
  if (text.length > mostValues && valuesIn(text) > mostValues)
    throw new BadAnswerError({
      method,
      url: url.href,
      detail: `the answer holds more than ${mostValues} values`,
    })
  return JSON.parse(text)
}

/** At least as many values as a JSON text holds. */
function valuesIn(text: string): number {
  let values = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === comma || code === bracket || code === brace) values++
  }
  return values
}

const [comma, bracket, brace] = [0x2c, 0x5b, 0x7b]
