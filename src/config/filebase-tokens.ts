import { decodedBase64 } from '../secrets/forms.ts'
import type { Inputs } from './inputs.ts'
import type { Bucket } from './types.ts'

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

/** The bucket of a Filebase token, which is the Base64 of `ACCESS_KEY:SECRET_KEY:bucket`; `undefined` for any other. */
export function bucketOfToken(token: string): string | undefined {
  return /^[^:]+:[^:]+:([^:]+)$/.exec(decodedBase64(token) ?? '')?.[1]
}
