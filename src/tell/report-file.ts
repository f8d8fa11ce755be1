import type { Report } from '../report/report.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { writeWhole } from './whole-file.ts'

/**
 * Writes the JSON report: as it is made, since it may hold millions of entries, and not indented, which would be a third
 * of it. No secret gets into it.
 * @param signal once aborted, no more is written
 * @returns whether all was written
 */
export function writeReport(
  path: string,
  report: Report,
  secrets: Secrets,
  signal?: AbortSignal,
): Promise<boolean> {
  return writeWhole(path, inPieces(jsonOf(report, secrets)), { signal })
}

/**
 * An object and its objects key by key, a list entry by entry. What is made as it is read has flat entries, of which there
 * may be a million; those of an array may have such lists in them, as a bucket has.
 */
function* jsonOf(value: unknown, secrets: Secrets): Generator<string> {
  if (typeof value !== 'object' || value === null) yield secrets.json(value) ?? 'null'
  else if (Symbol.iterator in value) {
    const isArray = Array.isArray(value)
    let before = '['
    for (const entry of value as Iterable<unknown>) {
      if (isArray) {
        yield before
        yield* jsonOf(entry, secrets)
      } else yield before + secrets.json(entry)
      before = ','
    }
    yield before === '[' ? '[]' : ']'
  } else {
    let before = '{'
    for (const [key, one] of Object.entries(value)) {
      if (one === undefined) continue
      yield `${before}${JSON.stringify(key)}:`
      yield* jsonOf(one, secrets)
      before = ','
    }
    yield before === '{' ? '{}' : '}'
  }
}

const pieceLength = 64 * 1024

/** Joins what is short, as each write has its cost. */
function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = ''
  for (const text of texts) {
    piece += text
    if (piece.length < pieceLength) continue
    yield piece
    piece = ''
  }
  yield `${piece}\n`
}
