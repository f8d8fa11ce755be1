import { Glob } from './glob.ts'
import { readGlob } from './glob-syntax.ts'

/**
 * Whether a pin's name matches one of some globs. Without globs every pin does; else a pin without a name does not.
 * @throws GlobError where one is none: see `readGlob`
 */
export function nameMatcher(globs: readonly string[]): (name: string | null) => boolean {
  if (globs.length === 0) return () => true
  const glob = new Glob([{ either: globs.map(readGlob) }])
  return (name) => name !== null && glob.matches(name)
}
