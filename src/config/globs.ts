import { GlobError, readGlob } from '../domain/glob-syntax.ts'
import type { Inputs } from './inputs.ts'

/** No pin's name is longer than 255 bytes. */
const longest = 1000

/** `only-names`: globs that `readGlob` takes. */
export function readGlobs(inputs: Inputs): string[] {
  const globs = inputs.lines('only-names')
  // Taken for empty, it would have all pins sent, and paid for.
  if (globs.length === 0 && inputs.text('only-names') !== '')
    inputs.problem(
      'only-names',
      'holds comments alone: expected globs, one a line, or nothing at all where pins of every name are meant.',
    )
  for (const { number, text } of globs) {
    const problem = problemOf(text)
    if (problem !== undefined)
      inputs.problem('only-names', `line ${number} is no glob, ${inputs.quote(text)}: it ${problem}.`)
  }
  return globs.map(({ text }) => text)
}

function problemOf(text: string): string | undefined {
  if (text.length > longest) return `has more than ${longest} characters`
  try {
    readGlob(text)
    return undefined
  } catch (error) {
    if (error instanceof GlobError) return error.message
    throw error
  }
}
