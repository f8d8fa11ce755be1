import { AwsV4Signer } from 'aws4fetch'
import type { KeyPair } from '../config/types.ts'
import { BadAnswerError } from '../errors.ts'
import type { Http } from '../http/http.ts'
import { readBucketList } from './bucket-list.ts'

/** ms */
const deadline = 20_000
/** Ten thousand names. */
const longestPage = 4 * 1024 * 1024
const mostPages = 20

/**
 * The names of all buckets of an account. Nothing but ListBuckets is asked of S3, and what is sent is a signature: the
 * secret key stays here.
 * @param endpoint without a trailing slash
 * @throws a RequestError, or the signal's reason
 */
export async function listAccountBuckets(
  { accessKey, secretKey }: KeyPair,
  { http, endpoint, signal }: { readonly http: Http; readonly endpoint: URL; readonly signal: AbortSignal },
): Promise<string[]> {
  const names = new Set<string>()
  let next: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const url = new URL(endpoint)
    if (next !== undefined) url.searchParams.set('continuation-token', next)
    const signer = new AwsV4Signer({
      method: 'GET',
      url: url.href,
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      service: 's3',
      region: 'us-east-1',
    })
    const signed = await signer.sign()
    const asked = { method: 'GET', url: signed.url } as const
    const { text } = await http.ask({
      ...asked,
      headers: { ...Object.fromEntries(signed.headers), accept: 'application/xml' },
      signal,
      deadline,
      repeatable: true,
      tries: 3,
      maxBytes: longestPage,
      mayUseProxy: true,
    })
    const list = read(text, asked)
    for (const name of list.names) names.add(name)
    if (list.next === undefined) return [...names]
    next = list.next
  }
  throw new BadAnswerError({
    method: 'GET',
    url: endpoint.origin,
    detail: 'its list of buckets does not end',
  })
}

/** What is nested too deep for the parser ends here, too. */
function read(xml: string, { method, url }: { readonly method: string; readonly url: URL }) {
  try {
    return readBucketList(xml)
  } catch (error) {
    const shown = { method, url: url.origin }
    throw new BadAnswerError(
      { ...shown, detail: 'the answer is not a list of buckets as S3 gives it' },
      error,
    )
  }
}
