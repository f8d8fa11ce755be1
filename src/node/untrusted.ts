import { NoAnswerError, NodeError } from '../errors.ts'

/** What a certificate is refused with: OpenSSL's names, as Node has them, and one of its own. */
const refusals: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** Where it is the certificate for which nothing was asked: what to do about it; else `undefined`. */
export function untrusted(node: string, error: unknown): NodeError | undefined {
  if (!(error instanceof NoAnswerError && refusals.has(error.code))) return undefined
  const why = error.cause instanceof Error ? error.cause.message : error.code
  return new NodeError(
    'bad-answer',
    `the certificate of ${node} is not one that this runner trusts (${why}). Where you made it yourself, name its file to the step that runs the action (\`env:\` with \`NODE_EXTRA_CA_CERTS: /path/to/certificate.pem\`); and it must be made for the host in node-url, and be in its time.`,
    error,
  )
}
