import { StringDecoder } from 'node:string_decoder'
import type { Dispatcher } from 'undici'
import { BadAnswerError } from '../errors.ts'
import { CleanLines } from '../secrets/clean-lines.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { facts, type Through, translate } from './failures.ts'
import type { Request } from './request.ts'

const longestErrorBody = 64 * 1024
/** So many bytes of an answer are decoded and looked through in one go: a few ms. */
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
      if (size - taken < pieceLength) continue
      pieces.push(clean.write(decoder.write(Buffer.concat(chunks))))
      chunks = []
      taken = size
    }
    pieces.push(clean.write(decoder.end(Buffer.concat(chunks))) + clean.end())
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

export async function* readChunks(
  response: Dispatcher.ResponseData,
  wanted: Request,
  through: Through,
): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8')
  const clean = new CleanLines(through.secrets)
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) yield clean.write(decoder.write(chunk))
    yield clean.write(decoder.end()) + clean.end()
  } catch (error) {
    throw translate(error, wanted, through)
  }
}

/** The same pieces. @param over told at their end, or where they are read no further, how many lines there were */
export async function* withLines(
  chunks: AsyncIterable<string>,
  over: (lines: number, error?: unknown) => void,
): AsyncIterable<string> {
  let lines = 0
  let failure: unknown
  try {
    for await (const chunk of chunks) {
      for (let at = chunk.indexOf('\n'); at !== -1; at = chunk.indexOf('\n', at + 1)) lines++
      yield chunk
    }
  } catch (error) {
    failure = error
    throw error
  } finally {
    over(lines, failure)
  }
}

/** The same pieces. @param over told at their end, or where they are read no further, how many bytes there were */
export async function* withBytes(
  pieces: AsyncIterable<Uint8Array>,
  over: (bytes: number, error?: unknown) => void,
): AsyncIterable<Uint8Array> {
  let bytes = 0
  let failure: unknown
  try {
    for await (const piece of pieces) {
      bytes += piece.length
      yield piece
    }
  } catch (error) {
    failure = error
    throw error
  } finally {
    over(bytes, failure)
  }
}

/** A secret may lie across its pieces, and across its end. */
export async function readErrorBody({ body }: Dispatcher.ResponseData, secrets: Secrets): Promise<string> {
  const decoder = new StringDecoder('utf8')
  const clean = new CleanLines(secrets)
  let text = ''
  for await (const chunk of body as AsyncIterable<Buffer>) {
    text += clean.write(decoder.write(chunk))
    if (text.length > longestErrorBody) return text.slice(0, longestErrorBody)
  }
  return (text + clean.write(decoder.end()) + clean.end()).slice(0, longestErrorBody)
}
