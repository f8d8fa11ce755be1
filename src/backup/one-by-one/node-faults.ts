import { NodeError, StatusError } from '../../errors.ts'

/** Why the try of a CID had no whole answer, for where the node itself does answer. */
export function brokenReason({ fault, message, cause }: NodeError): string {
  if (cause instanceof StatusError) return `something before the node answered with status ${cause.status}`
  return fault === 'unreachable' ? 'the connection to the node broke off' : message
}

export function unreachable(seconds: number): NodeError {
  return new NodeError(
    'unreachable',
    `the node does not answer (nothing for ${seconds} s on /api/v0/pin/add). Check that its daemon runs.`,
  )
}

export function noSpace(words: string): NodeError {
  return new NodeError('no-space', `the node cannot store more: ${words}`)
}

/** The node's fault where it refuses all alike. */
export function refusesAll(reason: string): NodeError {
  return new NodeError(
    'bad-answer',
    `the node refuses to pin, whatever the CID: ${reason}. Its log should say why; where its daemon runs offline, start it without --offline.`,
  )
}

/** The node's fault, or that of what stands before it, where no line comes. */
export function silentNode(seconds: number): NodeError {
  return new NodeError(
    'bad-answer',
    `no line of the node’s answer to pin/add came within ${seconds} s, though Kubo writes one every half second: something before it holds the answer back until its end, so that it can’t be seen whether a pin moves. Turn off buffering in the proxy (nginx: proxy_buffering off), or let node-url lead to the node itself.`,
  )
}
