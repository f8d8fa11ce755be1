import { ZodError } from 'zod'
import { BadAnswerError, DeadlineError, NoAnswerError, NodeError, StatusError } from '../../errors.ts'
import { clusterMessage } from '../cluster/answers.ts'
import { JsonLinesError } from '../json-lines.ts'
import { untrusted } from '../untrusted.ts'
import { isClusterInstead } from '../wrong-kind.ts'
import { kuboMessage } from './answers.ts'

/** Kubo answered, and the answer is an error: what it means is for the caller to say. */
export class Refusal extends Error {
  override name = 'Refusal'
}

/** A gateway or proxy in front of the node says with these that the node does not answer. Kubo itself has none of them. */
const gatewayStatuses = new Set([429, 502, 503, 504])

/**
 * What went wrong between the mirror and Kubo: a `NodeError` where the whole node is at fault, a `Refusal` where Kubo
 * said no to this one request; anything else (an abort's reason) as it is.
 */
export function explain(error: unknown, asked: { readonly node: string; readonly path: string }): unknown {
  const { node, path } = asked
  if (error instanceof StatusError) return explainAnswer(error, asked, error)
  const refused = untrusted(node, error)
  if (refused !== undefined) return refused
  if (error instanceof NoAnswerError || error instanceof DeadlineError) {
    return new NodeError(
      'unreachable',
      `the Kubo node at ${node} does not answer (${lack(error)} on ${path}). Check that its daemon runs, that node-url is the address of its RPC API (Addresses.API, as a URL: /ip4/127.0.0.1/tcp/5001 is http://127.0.0.1:5001, /unix/run/ipfs/api.sock is unix:/run/ipfs/api.sock), and that this runner can reach it.`,
      error,
    )
  }
  if (isMalformed(error)) {
    const detail = error instanceof ZodError ? 'fields are missing or of another type' : error.message
    return new NodeError(
      'bad-answer',
      `${node} does not answer ${path} as Kubo does (${detail}). Check node-url and Kubo's version.`,
      error,
    )
  }
  return error
}

/** What is no answer of Kubo's RPC API: not JSON, cut within a line, other fields. */
function isMalformed(error: unknown): error is Error {
  return [JsonLinesError, BadAnswerError, ZodError, SyntaxError].some((kind) => error instanceof kind)
}

function lack(error: NoAnswerError | DeadlineError): string {
  if (error instanceof DeadlineError) return `nothing for ${error.waitedMs / 1000} s`
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.code
}

/** The same of an answer whose status is no success. */
export function explainAnswer(
  { status, body }: { readonly status: number; readonly body: string },
  { node, path }: { readonly node: string; readonly path: string },
  error?: unknown,
): Error {
  // Kubo writes `Message`, with a capital.
  if (clusterMessage(body) !== undefined) return isClusterInstead(node, error)
  if (status === 401 || status === 403) {
    return new NodeError(
      'unauthorised',
      `the Kubo node at ${node} refuses ${path} (status ${status}). Check node-authorization, and that the node's API.Authorizations allows this path.`,
      error,
    )
  }
  if (gatewayStatuses.has(status)) {
    return new NodeError(
      'unreachable',
      `the Kubo node behind ${node} does not answer (status ${status} on ${path}). Check that its daemon runs.`,
      error,
    )
  }
  const message = kuboMessage(body)
  if (message !== undefined) return refusal(message, error)
  return new NodeError(
    'bad-answer',
    `what answers at ${node} is not Kubo's RPC API (status ${status} on ${path}). Check node-url: the RPC API is usually at port 5001, and 8080 is the gateway.`,
    error,
  )
}

/** An error in Kubo's words. */
export function refusal(message: string, cause?: unknown): Refusal {
  return new Refusal(message.replace(/^pin: /, ''), { cause })
}
