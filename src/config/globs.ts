import { GlobError, readGlob } from '../domain/glob-syntax.ts'
import type { Inputs } from './inputs.ts'

/** No pin's name is longer than 255 bytes. */
const longest = 1000

/** `only-names`: globs that `readGlob` takes. */
export function readGlobs(inputs: Inputs): string[] {
  const globs = inputs.lines('only-names')
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
