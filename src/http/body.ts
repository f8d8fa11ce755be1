import { StringDecoder } from 'node:string_decoder'
import type { Dispatcher } from 'undici'
import { BadAnswerError } from '../errors.ts'
import { CleanLines } from '../secrets/clean-lines.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { facts, type Through, translate } from './failures.ts'
import type { Request } from './request.ts'

const longestErrorBody = 64 * 1024

/** How many bytes of all answers that are being read have come so far, and how many may. */
export interface Coming {
  bytes: number
  readonly most: number
}

export async function readText(
  response: Dispatcher.ResponseData,
  wanted: Request,
  coming: Coming,
): Promise<string> {
  const limit = wanted.maxBytes ?? 64 * 1024 * 1024
  const chunks: Buffer[] = []
  let size = 0
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
    }
    return Buffer.concat(chunks).toString('utf8')
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
