import { ZodError } from 'zod'
import { BadAnswerError, DeadlineError, NoAnswerError, NodeError, StatusError } from '../../errors.ts'
import { JsonLinesError } from '../json-lines.ts'
import { untrusted } from '../untrusted.ts'
import { clusterMessage } from './answers.ts'

/** The cluster answered, and the answer is an error: what it means is for the caller to say. */
export class Refusal extends Error {
  override name = 'Refusal'
  /** It could not read what it was given, so that no other request would fare as this one. */
  readonly isUnreadable: boolean

  constructor(message: string, options: { cause?: unknown; isUnreadable?: boolean } = {}) {
    super(message, { cause: options.cause })
    this.isUnreadable = options.isUnreadable ?? false
  }
}

/** A proxy in front of the cluster says with these that it does not answer. */
const gatewayStatuses = new Set([502, 503, 504])

/**
 * What went wrong between the mirror and IPFS Cluster: a `NodeError` where the whole cluster is at fault, a `Refusal`
 * where it said no to this one request; anything else (an abort's reason) as it is.
 */
export function explain(error: unknown, asked: { readonly cluster: string; readonly path: string }): unknown {
  const { cluster, path } = asked
  if (error instanceof StatusError) return explainStatus(error, asked)
  const refused = untrusted(cluster, error)
  if (refused !== undefined) return refused
  if (error instanceof NoAnswerError || error instanceof DeadlineError)
    return new NodeError(
      'unreachable',
      `the cluster at ${cluster} does not answer (${lack(error)} on ${path}). Check that its peer runs, that node-url is the address of its REST API (api.restapi.http_listen_multiaddress in its service.json, as a URL: /ip4/127.0.0.1/tcp/9094 is http://127.0.0.1:9094), and that this runner can reach it.`,
      error,
    )
  if ([JsonLinesError, BadAnswerError, ZodError, SyntaxError].some((kind) => error instanceof kind)) {
    const detail =
      error instanceof ZodError ? 'fields are missing or of another type' : (error as Error).message
    return new NodeError(
      'bad-answer',
      `${cluster} does not answer ${path} as IPFS Cluster does (${detail}). Check node-url, node-kind and the cluster's version.`,
      error,
    )
  }
  return error
}

function explainStatus(error: StatusError, { cluster, path }: { cluster: string; path: string }): Error {
  const { status, body } = error
  if (status === 401 || status === 403)
    return new NodeError(
      'unauthorised',
      `the cluster at ${cluster} refuses ${path} (status ${status}). Check node-authorization: a user and password of api.restapi.basic_auth_credentials in its service.json (as \`basic:USER:PASSWORD\`), or a token of its POST /token.`,
      error,
    )
  if (gatewayStatuses.has(status))
    return new NodeError(
      'unreachable',
      `the cluster behind ${cluster} does not answer (status ${status} on ${path}). Check that its peer runs.`,
      error,
    )
  const message = clusterMessage(body)
  if (message !== undefined) return refusal(message, { cause: error, isUnreadable: status === 400 })
  return new NodeError(
    'bad-answer',
    `what answers at ${cluster} is not IPFS Cluster's REST API (status ${status} on ${path}). Check node-url: the REST API is usually at port 9094; 9095 is its IPFS proxy, and 9097 its Pinning Service API.`,
    error,
  )
}

/** An error in the cluster's words. */
export function refusal(
  message: string,
  options: { readonly cause?: unknown; readonly isUnreadable?: boolean } = {},
): Refusal {
  return new Refusal(message, options)
}

function lack(error: NoAnswerError | DeadlineError): string {
  if (error instanceof DeadlineError) return `nothing for ${error.waitedMs / 1000} s`
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.code
}
