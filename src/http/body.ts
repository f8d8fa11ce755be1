import { StringDecoder } from 'node:string_decoder'
import type { Dispatcher } from 'undici'
import { BadAnswerError } from '../errors.ts'
import { CleanLines } from '../secrets/clean-lines.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { facts, type Through, translate } from './failures.ts'
import type { Request } from './request.ts'

const longestErrorBody = 64 * 1024
/** So many bytes of an answer are decoded and looked through in one go: a few ms, and 0.1 s where all is escaped. */
const inOneGo = 512 * 1024
/** So many characters are a piece. */
const pieceLength = 4 * 1024 * 1024

/** How many bytes of all answers that are being read have come so far, and how many may. */
export interface Coming {
  bytes: number
  readonly most: number
}

/** The whole answer, in pieces of some megabytes; most answers are one. */
export async function readPieces(
  response: Dispatcher.ResponseData,
  wanted: Request,
  coming: Coming,
  secrets: Secrets,
): Promise<string[]> {
  const limit = wanted.maxBytes ?? 64 * 1024 * 1024
  const decoder = new StringDecoder('utf8')
  const clean = new CleanLines(secrets)
  const pieces: string[] = []
  let piece = ''
  let chunks: Buffer[] = []
  let size = 0
  let taken = 0
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length
      coming.bytes += chunk.length
      if (size > limit)
        throw new BadAnswerError({ ...facts(wanted), detail: `the answer is larger than ${limit} bytes` })
      if (coming.bytes > coming.most)
        throw new BadAnswerError({
          ...facts(wanted),
          detail: `the answers that come in at once are larger than ${coming.most} bytes`,
        })
      chunks.push(chunk)
      if (size - taken < inOneGo) continue
      piece += clean.write(decoder.write(Buffer.concat(chunks)))
      chunks = []
      taken = size
      if (piece.length < pieceLength) continue
      pieces.push(piece)
      piece = ''
    }
    pieces.push(piece + clean.write(decoder.end(Buffer.concat(chunks))) + clean.end())
    return pieces
  } finally {
    coming.bytes -= size
  }
}

export async function* readBytes(
  response: Dispatcher.ResponseData,
  wanted: Request,
  through: Through,
): AsyncIterable<Uint8Array> {
  try {
    yield* response.body as AsyncIterable<Buffer>
  } catch (error) {
    throw translate(error, wanted, through)
  }
}

/** The same as text, without secrets. */
export async function* readText(bytes: AsyncIterable<Uint8Array>, secrets: Secrets): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8')
  const clean = new CleanLines(secrets)
  for await (const chunk of bytes) yield clean.write(decoder.write(chunk))
  yield clean.write(decoder.end()) + clean.end()
}

/**
 * The same pieces.
 * @param sizeOf what is counted of each
 * @param over told at their end, or where they are read no further, how much there was
 */
export async function* counted<Piece>(
  pieces: AsyncIterable<Piece>,
  sizeOf: (piece: Piece) => number,
  over: (size: number, error?: unknown) => void,
): AsyncIterable<Piece> {
  let size = 0
  let failure: unknown
  try {
    for await (const piece of pieces) {
      size += sizeOf(piece)
      yield piece
    }
  } catch (error) {
    failure = error
    throw error
  } finally {
    over(size, failure)
  }
}

/** How many lines end in a text. */
export function linesIn(text: string): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

/**
 * Of a long one the beginning. What is counted is what comes, as masks may leave little of it; a secret may lie across
 * the place where it is cut.
 */
export async function readErrorBody({ body }: Dispatcher.ResponseData, secrets: Secrets): Promise<string> {
  const most = longestErrorBody + secrets.longest
  const decoder = new StringDecoder('utf8')
  const clean = new CleanLines(secrets)
  let text = ''
  for await (const chunk of body as AsyncIterable<Buffer>) {
    text += decoder.write(chunk)
    if (text.length > most) return (clean.write(text) + clean.cut()).slice(0, longestErrorBody)
  }
  return (clean.write(text + decoder.end()) + clean.end()).slice(0, longestErrorBody)
}
