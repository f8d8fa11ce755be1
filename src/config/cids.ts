import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type CidKey, type PinCid, parseCid } from '../domain/cid.ts'
import { type Inputs, type Line, listLines } from './inputs.ts'

/** `ignore`: CIDs, one a line; a line `@path` stands for a file of them, its path relative to the workspace. */
export function readIgnore(inputs: Inputs, workspace: string): Map<CidKey, PinCid> {
  const ignored = new Map<CidKey, PinCid>()

  function add(lines: readonly Line[], place: string): void {
    const bad: number[] = []
    for (const { number, text } of lines) {
      const cid = parseCid(text)
      if (cid === undefined) bad.push(number)
      else ignored.set(cid.key, cid)
    }
    if (bad.length > 0) inputs.problem('ignore', `must hold one CID a line${place}: ${areNoCids(bad)}.`)
  }

  const lines = inputs.lines('ignore')
  add(
    lines.filter(({ text }) => !text.startsWith('@')),
    '',
  )
  for (const { number, text } of lines.filter((line) => line.text.startsWith('@'))) {
    const path = text.slice(1).trim()
    try {
      add(listLines(readList(resolve(workspace, path))), ` in ${inputs.quote(path)}`)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? (error as Error).message
      inputs.problem(
        'ignore',
        `line ${number} names a file that cannot be read (${code}): ${inputs.quote(path)}; ` +
          'expected a path relative to the workspace.',
      )
    }
  }
  return ignored
}

/** A million CIDs are 60 MB. */
const longestList = 128 * 1024 * 1024

/**
 * A file of the workspace, where others may have put what is none: a FIFO would hold the process up for ever, with no
 * signal heard, and a device would never end.
 */
function readList(path: string): string {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(file)
    if (!stat.isFile() && !stat.isDirectory()) throw new Error('it is no regular file')
    if (stat.size > longestList) throw new Error(`it has more than ${longestList} bytes`)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

/** `inspect`: strings separated by lines, spaces or commas, each once. Whether they are CIDs is part of the report. */
export function readInspect(inputs: Inputs): string[] {
  const words = inputs
    .lines('inspect')
    .flatMap(({ text }) => inputs.withoutSecrets(text).split(/[\s,]+/))
    .filter((word) => word !== '')
  // Taken for empty, it would begin a sync in the place of a look.
  if (words.length === 0 && inputs.text('inspect') !== '')
    inputs.problem(
      'inspect',
      'holds separators or comments alone: expected CIDs, or nothing at all where the run is to sync.',
    )
  return [...new Set(words)]
}

/** `line 3 is not a CID`, `lines 3 and 9 are not CIDs`, or the first five and how many more. */
function areNoCids(lines: readonly number[]): string {
  if (lines.length === 1) return `line ${lines[0]} is not a CID`
  const more = lines.length - 5
  const [first, last] = more > 0 ? [lines.slice(0, 5), `${more} more`] : [lines.slice(0, -1), lines.at(-1)]
  return `lines ${first.join(', ')} and ${last} are not CIDs`
}
