import { BadAnswerError } from '../errors.ts'
import type { Request } from '../http/http.ts'

/** So many values they have, with room. The smallest takes a hundred bytes of memory for two of its text. */
const mostValues = 8_000_000

/** @throws SyntaxError, or where it holds so many values that the memory may not hold them */
export function parseAnswer(text: string, { method, url }: Pick<Request, 'method' | 'url'>): unknown {
  if (text.length > mostValues && valuesIn(text) > mostValues)
    throw new BadAnswerError({
      method,
      url: url.href,
      detail: `the answer holds more than ${mostValues} values`,
    })
  return JSON.parse(text)
}

/** Not fewer than a JSON text holds. */
function valuesIn(text: string): number {
  let values = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === comma || code === bracket || code === brace) values++
  }
  return values
}

const [comma, bracket, brace] = [0x2c, 0x5b, 0x7b]
