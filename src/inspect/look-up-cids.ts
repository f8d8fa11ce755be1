import pMap from 'p-map'
import { cidForms, type PinCid, parseCid } from '../domain/cid.ts'
import { peerIdOf } from '../domain/delegate.ts'
import type { PinRequest } from '../domain/pin.ts'
import type { Problem } from '../domain/problem.ts'
import { NodeError, problemOf, RequestError, ServiceError } from '../errors.ts'
import type { Node } from '../node/node.ts'
import type {
  InspectedDelegate,
  InspectedNode,
  InspectedRequest,
  InspectReport,
} from '../report/inspect-report.ts'
import { type BucketClient, fullPage } from '../service/pinning-service.ts'
import { type BucketTrouble, bucketProblems, troubleOf } from '../sides/bucket-trouble.ts'

export interface Inspection {
  /** One for each string, in their order. */
  readonly results: readonly InspectReport[]
  /** Why parts of them are absent, each once. */
  readonly errors: readonly Problem[]
  /** The signal ended it: what was not looked at by then is absent, and no error. */
  readonly stopped: boolean
}

/** What is asked, and what is known by now of who does not answer. */
interface Sources {
  readonly buckets: readonly Source<BucketClient>[]
  readonly node: Source<Node>
  readonly knownPeerIds: ReadonlySet<string>
  readonly signal: AbortSignal
}

interface Source<T> {
  readonly it: T
  /** Why it is not asked any more. */
  silence: Error | undefined
  /** What it refused to say of single CIDs. */
  readonly refusals: Set<string>
}

/** For most of what a look takes, the node walks its pins or the network. */
const atOnce = 4

/**
 * Looks up what every bucket and the node know of each CID. Asks only: neither side is changed, nobody is dialled. A
 * bucket or node that does not answer is not asked again, and the others go on.
 */
export async function lookUpCids(
  cids: readonly string[],
  {
    clients,
    node,
    knownPeerIds,
    signal,
    onLookedUp,
  }: {
    readonly clients: readonly BucketClient[]
    readonly node: Node
    /** Of the input `delegates`. */
    readonly knownPeerIds: ReadonlySet<string>
    readonly signal: AbortSignal
    /** Called after each. */
    readonly onLookedUp?: () => void
  },
): Promise<Inspection> {
  const sources: Sources = {
    buckets: clients.map(sourceOf),
    node: sourceOf(node),
    knownPeerIds,
    signal,
  }
  const isAnyValid = cids.some((text) => parseCid(text) !== undefined)
  const connected = isAnyValid ? await connectedPeers(sources) : null
  const lookUp = async (text: string) => {
    const found = await inspectOne(text, connected, sources)
    onLookedUp?.()
    return found
  }
  const results = await pMap(cids, lookUp, { concurrency: atOnce })
  const errors = [
    ...nodeProblems(sources.node),
    ...bucketProblems(sources.buckets.flatMap(troublesOf), clients.length, 'asked'),
  ]
  return { results, errors, stopped: signal.aborted }
}

function sourceOf<T>(it: T): Source<T> {
  return { it, silence: undefined, refusals: new Set() }
}

function nodeProblems({ silence, refusals }: Source<Node>): Problem[] {
  return [
    ...(silence === undefined ? [] : [problemOf('node', silence)]),
    ...[...refusals].map((message) => ({
      where: 'node',
      message,
      short: 'the node did not tell everything',
      isError: true,
    })),
  ]
}

function troublesOf({ it, silence, refusals }: Source<BucketClient>): BucketTrouble[] {
  const why = 'the service cannot read a CID'
  return [
    ...(silence === undefined ? [] : [troubleOf(it.bucket, silence, it)]),
    ...[...refusals].map((message) => ({
      name: it.bucket,
      cause: message,
      why: [why, why] as const,
      message,
    })),
  ]
}

/** `null` where the node does not say, or can't: one that is offline still knows its pins. */
async function connectedPeers({ node, signal }: Sources): Promise<ReadonlySet<string> | null> {
  try {
    signal.throwIfAborted()
    return (await node.it.peering?.connectedPeers(signal)) ?? null
  } catch (error) {
    if (signal.aborted) return null
    if (!(error instanceof NodeError)) throw error
    if (error.fault === 'unreachable' || error.fault === 'unauthorised') node.silence = error
    else node.refusals.add(error.message)
    return null
  }
}

async function inspectOne(
  text: string,
  connected: ReadonlySet<string> | null,
  sources: Sources,
): Promise<InspectReport> {
  const cid = parseCid(text)
  if (cid === undefined)
    return { cid: text, valid: false, node: null, service: [], unanswered: [], cut: [], delegates: [] }
  const [node, ...looks] = await Promise.all([
    askNode(cid, sources),
    ...sources.buckets.map(async (bucket) => ({
      bucket: bucket.it.bucket,
      found: await askBucket(cid, bucket, sources.signal),
    })),
  ])
  const service = looks.flatMap(({ bucket, found }) => found?.requests.map((one) => shown(one, bucket)) ?? [])
  return {
    cid: text,
    valid: true,
    node,
    service,
    unanswered: looks.filter(({ found }) => found === null).map(({ bucket }) => bucket),
    cut: looks.filter(({ found }) => found?.isCut).map(({ bucket }) => bucket),
    delegates: delegatesOf(service, connected, sources.knownPeerIds),
  }
}

/** `null` where it is not known. */
async function askNode(cid: PinCid, { node, signal }: Sources): Promise<InspectedNode | null> {
  if (node.silence !== undefined || signal.aborted) return null
  // What one look finds out of the whole node ends the others.
  const ended = new AbortController()
  const until = AbortSignal.any([signal, ended.signal])
  try {
    const [pinned, size, providers] = await Promise.all([
      node.it.howPinned(cid, until),
      node.it.localSize(cid, until),
      node.it.providers(cid, until),
    ])
    return { pinned, size: size ?? null, providers: providers ?? null }
  } catch (error) {
    if (signal.aborted) return null
    if (!(error instanceof NodeError)) throw error
    node.silence ??= error
    return null
  } finally {
    ended.abort()
  }
}

/** `null` where it is not known. */
async function askBucket(
  cid: PinCid,
  bucket: Source<BucketClient>,
  signal: AbortSignal,
): Promise<{ requests: readonly PinRequest[]; isCut: boolean } | null> {
  if (bucket.silence !== undefined || signal.aborted) return null
  // Each status is asked for alone where it is not known how the service reads several.
  bucket.it.manners.asksSingly ??= true
  const found = new Map<string, PinRequest>()
  let isCut = false
  try {
    // Services match literally, or loosely, and a filter by two forms may find nothing: every row is looked at.
    for (const form of new Set([cid.text, ...cidForms(cid.key)])) {
      const page = await bucket.it.list({ cids: [form], limit: fullPage }, signal)
      for (const request of page.requests)
        if (parseCid(request.cid)?.key === cid.key)
          found.set(`${request.created} ${request.requestid}`, request)
      isCut ||= page.count > page.requests.length || page.requests.length >= fullPage
    }
    return { requests: [...found.values()].toSorted((a, b) => b.created - a.created), isCut }
  } catch (error) {
    if (signal.aborted) return null
    if (!(error instanceof ServiceError || error instanceof RequestError)) throw error
    // That it can't read this CID says nothing of the others.
    if (error instanceof ServiceError && error.status === 400) bucket.refusals.add(error.message)
    else bucket.silence ??= error
    return null
  }
}

function shown(request: PinRequest, bucket: string): InspectedRequest {
  const { requestid, status, created, cid, name, meta, delegates, failureReason } = request
  return {
    bucket,
    requestid,
    status,
    created: new Date(created).toISOString(),
    cid,
    name,
    meta: textsOf(meta),
    delegates,
    reason: failureReason,
  }
}

/** The peers among the delegates and the known ones; addresses that name none are left out. */
function delegatesOf(
  service: readonly InspectedRequest[],
  connected: ReadonlySet<string> | null,
  known: ReadonlySet<string>,
): InspectedDelegate[] {
  const addresses = new Set(service.flatMap(({ delegates }) => delegates))
  const shown = [...addresses].map(peerIdOf).filter((peerId) => peerId !== undefined)
  // Also the known ones that no request names: some services name none.
  return [...new Set([...shown, ...known])].map((peerId) => ({
    peerId,
    known: known.has(peerId),
    connected: connected?.has(peerId) ?? null,
  }))
}

/** As texts, which the API says that they are. */
function textsOf(meta: PinRequest['meta']): InspectedRequest['meta'] {
  if (meta === null || meta === 'unreadable') return null
  const entries = Object.entries(meta)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}
