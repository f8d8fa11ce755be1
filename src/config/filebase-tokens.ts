import { decodedBase64 } from '../secrets/forms.ts'
import type { Inputs } from './inputs.ts'
import type { Bucket, KeyPair } from './types.ts'

/**
 * `filebase-access-key` and `filebase-secret-key`: of them and a bucket's name its token is made. `undefined` where
 * they are not given, or not both of them.
 */
export function readFilebaseKeys(inputs: Inputs): KeyPair | undefined {
  const [access, secret] = (['filebase-access-key', 'filebase-secret-key'] as const).map((name) => {
    const text = inputs.text(name)
    inputs.hideGiven(name, 'a key', text)
    // A colon ends it in a token, so that what comes behind it would be read as something else.
    if (!/^[\x21-\x39\x3b-\x7e]*$/.test(text))
      inputs.problem(name, 'must be a key as Filebase shows it: no spaces, no `:`, and ASCII only.')
    return { name, text }
  }) as [Given, Given]
  if ((access.text === '') !== (secret.text === '')) {
    const [given, empty] = access.text === '' ? [secret, access] : [access, secret]
    inputs.problem(
      empty.name,
      `is empty, and \`${given.name}\` is not: expected both or neither (a secret that is not set is empty).`,
    )
  }
  if (access.text === '' || secret.text === '') return undefined
  // As every token of theirs begins.
  inputs.hide(`${access.text}:${secret.text}`)
  return { accessKey: access.text, secretKey: secret.text }
}

interface Given {
  readonly name: string
  readonly text: string
}

/** A token is the Base64 of `ACCESS_KEY:SECRET_KEY:bucket` (read in Filebase's SDK). */
export function tokenOf({ accessKey, secretKey }: KeyPair, bucket: string): string {
  return Buffer.from(`${accessKey}:${secretKey}:${bucket}`).toString('base64')
}

/** What a Filebase token is made of; `undefined` for any other. */
export function partsOfToken(token: string): (KeyPair & { readonly bucket: string }) | undefined {
  const [, accessKey, secretKey, bucket] = /^([^:]+):([^:]+):([^:]+)$/.exec(decodedBase64(token) ?? '') ?? []
  if (accessKey === undefined || secretKey === undefined || bucket === undefined) return undefined
  return { accessKey, secretKey, bucket }
}

export function bucketOfToken(token: string): string | undefined {
  return partsOfToken(token)?.bucket
}

/**
 * Says of each token whether it is another bucket's, or none of Filebase's where the endpoint is. It is for Filebase to
 * say what its tokens look like, so neither is an error.
 */
export function checkFilebaseTokens(inputs: Inputs, buckets: readonly Bucket[], endpoint: URL): void {
  for (const { name, token } of buckets) {
    if (name === '' || token === '') continue
    const bucket = bucketOfToken(token)
    if (bucket !== undefined && bucket !== name)
      inputs.warning(
        'buckets',
        `calls a bucket ${inputs.quote(name)} whose token is of the Filebase bucket ${inputs.quote(bucket)}: that one is listed and updated under this name. Check that no tokens are swapped, and give the line the bucket's own name.`,
      )
    if (bucket === undefined && endpoint.host === 'api.filebase.io')
      inputs.warning(
        'buckets',
        `gives ${inputs.quote(name)} a token that is not of Filebase's form, the Base64 of ACCESS_KEY:SECRET_KEY:bucket. It is tried all the same; the bucket's page at Filebase shows the right one, for the Pinning Service API.`,
      )
  }
}
