import { bucketOfToken, partsOfToken } from './filebase-tokens.ts'
import type { Inputs } from './inputs.ts'
import type { AccountCheck, AccountKeys, Bucket, KeyPair } from './types.ts'
import { readS3Endpoint } from './urls.ts'

/**
 * `check-buckets` and `filebase-s3-endpoint`: what to ask for the names of all buckets, and which of
 * them are no news. `undefined` where nobody is to be asked.
 * @param given.keys of the inputs
 * @param given.endpoint of the Pinning Service API
 * @param given.ignored those of `ignore-buckets`
 */
export function readAccountCheck(
  inputs: Inputs,
  given: {
    readonly buckets: readonly Bucket[]
    readonly keys: KeyPair | undefined
    readonly endpoint: URL
    readonly ignored: readonly string[]
  },
): AccountCheck | undefined {
  const { buckets, keys, endpoint, ignored } = given
  const s3 = readS3Endpoint(inputs)
  if (!inputs.flag('check-buckets', false)) return undefined
  // A token of another service may look like one of Filebase's: what is in it is for that service alone.
  const isAtHome = endpoint.host === 'api.filebase.io' || s3.isGiven
  const all = [...fromInputs(keys), ...(isAtHome ? fromTokens(buckets) : [])]
  const accounts = [...Map.groupBy(all, ({ accessKey }) => accessKey).values()].flatMap(
    ([first]) => first ?? [],
  )
  if (accounts.length === 0)
    inputs.warning(
      'check-buckets',
      'has no keys to ask with: it needs tokens of Filebase, or `filebase-access-key` and `filebase-secret-key`. No bucket is looked for.',
    )
  return {
    endpoint: s3.url,
    accounts,
    mirrored: buckets.map(({ name, token }) => bucketOfToken(token) ?? name),
    ignored,
  }
}

function fromInputs(keys: KeyPair | undefined): AccountKeys[] {
  return keys === undefined ? [] : [{ ...keys, source: 'filebase-access-key' }]
}

function fromTokens(buckets: readonly Bucket[]): AccountKeys[] {
  return buckets.flatMap(({ name, token }) => {
    const parts = partsOfToken(token)
    if (parts === undefined) return []
    return [{ accessKey: parts.accessKey, secretKey: parts.secretKey, source: `the token of ${name}` }]
  })
}
