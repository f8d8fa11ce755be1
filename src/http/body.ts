import type { Dispatcher } from 'undici'
import { BadAnswerError } from '../errors.ts'
import { facts, translate } from './failures.ts'
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

export async function* readChunks(
  response: Dispatcher.ResponseData,
  wanted: Request,
  proxy: URL | undefined,
): AsyncIterable<Buffer> {
  try {
    yield* response.body as AsyncIterable<Buffer>
  } catch (error) {
    throw translate(error, wanted, proxy)
  }
}

export async function readErrorBody(response: Dispatcher.ResponseData): Promise<string> {
  let body = ''
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    body += chunk.toString('utf8')
    if (body.length > longestErrorBody) break
  }
  return body.slice(0, longestErrorBody)
}

/** Takes the request's credentials out of a body that may be shown: some servers repeat what they refuse. */
export function withoutCredentials(body: string, { headers }: Request): string {
  const credentials = headers?.['authorization']?.replace(/^\S+ +/, '')
  return credentials ? plainJson(body).replaceAll(credentials, '***') : body
}

/** Writes JSON without needless escapes, in which credentials could hide. What is not JSON stays as it is. */
function plainJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}
