import type { Problem } from '../domain/problem.ts'
import type { NodeError } from '../errors.ts'
import { count } from '../text/numbers.ts'

/** A block that is missing would not be heard of. */
export const deaf: Problem = {
  where: 'verify',
  message:
    'nothing was verified: something between the mirror and the node, such as a proxy, drops the trailer X-Stream-Error, in which Kubo tells that a block is missing. Let node-url lead to the node itself, or set verify-time to 0s',
  short: 'nothing was verified: a proxy drops what the node says',
  todo: 'Let `node-url` lead to the node itself',
  isError: false,
}

/** What ended it before its time: a node that does not allow a call that nothing else needs is no error. */
export function stopped({ fault, message, short, todo }: NodeError): Problem {
  const isRefused = fault === 'unauthorised'
  const advice = isRefused
    ? ' Verifying needs dag/export and refs (SECURITY.md); verify-time: 0s does without it.'
    : ''
  return { where: 'verify', message: `${message}${advice}`, short, todo, isError: !isRefused }
}

/** The node did not come to the end of some. They are read again by a later run. */
export function unread(cids: number, { message }: NodeError): Problem {
  return {
    where: 'verify',
    message: `the node did not come to the end of ${count(cids, 'CID')} that it was to read, which is held against none of them: ${message}`,
    isError: false,
  }
}
