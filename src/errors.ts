import { dirname } from 'node:path'
import { inspect } from 'node:util'
import type { Problem } from './domain/problem.ts'
import { ownClass, type ReasonClass, type Why } from './domain/reasons/classes.ts'

interface RequestFacts {
  readonly method: string
  /** The address as it may be shown: without credentials, and without secrets in its path or query. */
  readonly url: string
  /** The proxy that it went through, without credentials. */
  readonly proxy?: string | undefined
}

function through({ method, url, proxy }: RequestFacts): string {
  return `${method} ${url}${proxy === undefined ? '' : ` through the proxy ${proxy}`}`
}

/** A request that did not bring what was asked for. */
export abstract class RequestError extends Error {
  readonly method: string
  readonly url: string
  readonly proxy: string | undefined

  constructor(message: string, facts: RequestFacts, cause?: unknown) {
    super(message, { cause })
    this.method = facts.method
    this.url = facts.url
    this.proxy = facts.proxy
  }
}

/** No answer, or not all of it: refused, reset, cut, unresolvable. `code` is the system's (`ECONNREFUSED`). */
export class NoAnswerError extends RequestError {
  override name = 'NoAnswerError'
  readonly code: string

  constructor(facts: RequestFacts & { code: string; detail: string }, cause?: unknown) {
    super(`${through(facts)}: no answer (${facts.detail})`, facts, cause)
    this.code = facts.code
  }
}

/** A proxy does not make the way to a server: it answered CONNECT with this status. */
export class TunnelError extends Error {
  override name = 'TunnelError'
  readonly code = 'ETUNNEL'
  readonly status: number

  constructor(status: number) {
    const advice =
      status === 407
        ? 'it asks for credentials: check those in https_proxy'
        : 'check https_proxy, and name the server in no_proxy where it needs no proxy'
    super(`the proxy does not let it through, status ${status}; ${advice}`)
    this.status = status
  }
}

/** A deadline passed: `waitedMs` without the whole answer. */
export class DeadlineError extends RequestError {
  override name = 'DeadlineError'
  readonly waitedMs: number

  constructor(facts: RequestFacts & { waitedMs: number }) {
    super(`${through(facts)}: no answer within ${facts.waitedMs / 1000} s`, facts)
    this.waitedMs = facts.waitedMs
  }
}

/** An answer with a status other than 2xx. Redirects are among them: none is followed. */
export class StatusError extends RequestError {
  override name = 'StatusError'
  readonly status: number
  /** The body as text, at most 64 KiB of it. */
  readonly body: string
  /** How long the server asks to wait, in ms, where it says. */
  readonly retryAfterMs: number | undefined

  constructor(facts: RequestFacts & { status: number; body: string; retryAfterMs?: number | undefined }) {
    super(`${facts.method} ${facts.url}: status ${facts.status}`, facts)
    this.status = facts.status
    this.body = facts.body
    this.retryAfterMs = facts.retryAfterMs
  }
}

/** An answer that is not what the API promises: not JSON, a field missing, larger than it may be. */
export class BadAnswerError extends RequestError {
  override name = 'BadAnswerError'

  constructor(facts: RequestFacts & { detail: string }, cause?: unknown) {
    super(`${facts.method} ${facts.url}: ${facts.detail}`, facts, cause)
  }
}

/** The service refused in its own words: `{"error":{"reason","details"}}`. */
export class ServiceError extends Error {
  override name = 'ServiceError'
  readonly status: number
  readonly reason: string
  readonly details: string

  constructor(facts: { status: number; reason: string; details: string; message: string }, cause: unknown) {
    super(facts.message, { cause })
    this.status = facts.status
    this.reason = facts.reason
    this.details = facts.details
  }
}

/** What each fault of a node is called in a headline, and what a person does about it. */
const nodeFaults = {
  unreachable: { short: 'the node does not answer', todo: 'Start the node, or correct `node-url`' },
  unauthorised: { short: 'the node refuses this action', todo: 'Let this action use the node' },
  'no-space': { short: 'the disk of the node is full', todo: 'Make room on the disk of the node' },
  'bad-answer': { short: 'the node does not answer as it should', todo: 'Look at the node' },
  'too-old': { short: 'the Kubo of the node is too old', todo: 'Update Kubo' },
  stuck: { short: 'nothing moves on the node', todo: 'Look at what holds the node up' },
  peers: { short: 'peers of the cluster do not do their part', todo: 'Bring the peers of the cluster back' },
}

/** A fault of the whole node (unreachable, unauthorised, disk full, stuck): nothing more is asked of it in this run. */
export class NodeError extends Error {
  override name = 'NodeError'
  readonly fault: keyof typeof nodeFaults

  constructor(fault: NodeError['fault'], message: string, cause?: unknown) {
    super(message, { cause })
    this.fault = fault
  }

  get short(): string {
    return nodeFaults[this.fault].short
  }

  get todo(): string {
    return nodeFaults[this.fault].todo
  }
}

/** The node could not pin one CID; others may do well. */
export class PinError extends Error {
  override name = 'PinError'
  readonly class: ReasonClass
  /** It ends as the words of a system do that has no room, which content can bring about too. */
  readonly saysFull: boolean
  /** It cannot be read, so that no other fares as this one. */
  readonly isOwn: boolean

  /** @param options.class what the message says, as whoever knows its words has read it */
  constructor(
    message: string,
    options: { cause?: unknown; class?: ReasonClass; saysFull?: boolean; isOwn?: boolean } = {},
  ) {
    super(message, { cause: options.cause })
    this.class = options.class ?? ownClass(message)
    this.saysFull = options.saysFull ?? false
    this.isOwn = options.isOwn ?? false
  }

  get why(): Why {
    return { reason: this.message, class: this.class }
  }
}

/** The node could not dial a peer. */
export class PeerError extends Error {
  override name = 'PeerError'
}

/** The snapshot cannot be worked on. `path` is its file. */
export abstract class SnapshotError extends Error {
  readonly path: string
  abstract readonly short: string
  abstract readonly todo: string

  constructor(message: string, path: string, cause: unknown) {
    super(message, { cause })
    this.path = path
  }
}

/** Another process holds the snapshot: a run of the same mirror on this box that has not ended. */
export class SnapshotBusyError extends SnapshotError {
  override name = 'SnapshotBusyError'
  readonly short = 'another run of this mirror is at work on this box'
  readonly todo = 'Keep runs of this mirror from overlapping'

  constructor(path: string, cause: unknown) {
    super(
      `another run of this mirror is at work on this box and holds ${path}: let it end, keep runs from overlapping with \`concurrency:\`, or give this job a \`cache-key\` of its own`,
      path,
      cause,
    )
  }
}

/** No snapshot can be opened or made at its place. */
export class SnapshotUnusableError extends SnapshotError {
  override name = 'SnapshotUnusableError'
  readonly short = 'the snapshot cannot be kept'
  readonly todo = 'Give the snapshot a folder'

  constructor(path: string, cause: unknown) {
    super(
      `no snapshot can be kept at ${path} (${(cause as Error).message}): check that the disk has room and that the runner's user may write there (\`sudo install -d -o ${process.getuid?.() ?? 'USER'} ${dirname(dirname(path))}\` makes such a folder), or name another with \`snapshot-dir\``,
      path,
      cause,
    )
  }
}

/** An error that ended something, as a problem of the run: a fault of the world outside, or else a defect. */
export function problemOf(where: string, error: unknown): Problem {
  if (error instanceof NodeError || error instanceof SnapshotError) {
    const { message, short, todo } = error
    return { where, message, short, todo, isError: true }
  }
  const isExpected = error instanceof ServiceError || error instanceof RequestError
  return isExpected ? { where, message: error.message, isError: true } : defectOf(where, error)
}

/** What nobody foresaw, with where in the program it is. */
export function defectOf(where: string, error: unknown): Problem {
  const what = (error instanceof Error && error.stack) || inspect(error, { depth: 0 })
  return {
    where,
    message: `a defect of IPFS Pin Mirror ended the run: what was done is kept, and the next run goes on from it. Please report it where you have the action from, with these lines: ${what}`,
    short: 'a defect of IPFS Pin Mirror ended the run',
    todo: 'Report a defect',
    isError: true,
  }
}

/** What was thrown need not be an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
