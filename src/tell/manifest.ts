import { dirname, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { createZstdCompress } from 'node:zlib'
import type { Comparison } from '../domain/compare.ts'
import type { PinnedSince } from '../domain/pinned-since.ts'
import type { Problem } from '../domain/problem.ts'
import { dateOf } from '../domain/verifying.ts'
import type { ListedBucket } from '../sides/list-service.ts'
import type { Verified } from '../snapshot/verified.ts'
import type { Findings } from '../study.ts'
import type { Work } from '../work.ts'
import { writeWhole } from './whole-file.ts'

/** What a person needs to restore from the node, or to see what is on one side only. */
const columns = ['cid', 'name', 'bucket', 'on_node', 'bytes', 'verified']

/**
 * Writes the manifest beside the report: a row for each CID that a bucket has pinned, and one for each pin of the node
 * that no bucket has. It is written as it is made, since there may be a million.
 * @returns where it is; `null` where it was not asked for, or what is on the node is not known
 */
export async function writeManifest(
  { config, snapshot, time }: Pick<Work, 'config' | 'snapshot' | 'time'>,
  { sides, comparison }: Pick<Findings, 'sides' | 'comparison'>,
  { pinned }: { readonly pinned: PinnedSince },
): Promise<{ readonly path: string | null; readonly problems: readonly Problem[] }> {
  if (!config.manifest || sides.identity === undefined || time.wasCancelled)
    return { path: null, problems: [] }
  const path = join(dirname(config.github.reportPath), 'manifest.csv.zst')
  const lines = inPieces(rowsOf({ comparison, pinned }, sides.buckets, snapshot.verified))
  try {
    const isWhole = await writeWhole(path, lines, {
      signal: time.cancelled,
      through: [createZstdCompress()],
    })
    return { path: isWhole ? path : null, problems: [] }
  } catch (error) {
    const message = `it cannot be written (${(error as Error).message}): check that the disk has room and that the runner's user may write there`
    return { path: null, problems: [{ where: 'manifest', message, isError: true }] }
  }
}

function* rowsOf(
  { comparison, pinned }: { readonly comparison: Comparison; readonly pinned: PinnedSince },
  buckets: readonly ListedBucket[],
  verified: Verified,
): Generator<readonly string[]> {
  yield columns
  const days = new Int32Array(comparison.places)
  const sizes = new Float64Array(comparison.places)
  for (const { key, day, bytes } of verified.all()) {
    const place = comparison.placeOf(key)
    if (place === -1) continue
    days[place] = Math.max(0, day)
    sizes[place] = bytes
  }
  const told = new Uint16Array(comparison.places)
  const listed = new Uint8Array(comparison.places)
  for (const [index, { name: bucket, requests }] of buckets.entries())
    for (const { key, status, text, name } of requests.listed()) {
      const place = key === undefined ? -1 : comparison.placeOf(key)
      // What came since both sides were compared is the next manifest's.
      if (key === undefined || place === -1) continue
      listed[place] = 1
      // Of several requests for it, the newest counts.
      if (status !== 'pinned' || told[place] === index + 1) continue
      told[place] = index + 1
      const isOnNode = comparison.isOnNode(key) || pinned.has(place)
      yield [text, name ?? '', bucket, String(isOnNode), ...proof(place)]
    }
  for (const key of comparison.onlyOnNode()) {
    const place = comparison.placeOf(key)
    // An update may have brought it into a bucket since.
    if (listed[place] === 1) continue
    const { cid, name } = comparison.pinAt(place)
    yield [cid.text, name ?? '', '', 'true', '', '']
  }

  /** Its size, and the day on which it was last found whole. */
  function proof(place: number): string[] {
    const [day, size] = [days[place] as number, sizes[place] as number]
    return [size === 0 ? '' : String(size), day === 0 ? '' : dateOf(day)]
  }
}

const pieceLength = 64 * 1024

/** As CSV (RFC 4180), with a turn for others after each piece. */
async function* inPieces(rows: Iterable<readonly string[]>): AsyncGenerator<string> {
  let piece = ''
  for (const cells of rows) {
    piece += `${cells.map(cell).join(',')}\r\n`
    if (piece.length < pieceLength) continue
    yield piece
    piece = ''
    await turn()
  }
  yield piece
}

/** No program can be given NUL in an argument, and a terminal obeys some of the others; tabs and breaks are text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g

function cell(given: string): string {
  const text = given.replaceAll(controls, '\uFFFD')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
