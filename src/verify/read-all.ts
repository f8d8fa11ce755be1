import { goesOnInParts, readAtOnce, tooManyUnread } from '../domain/verifying.ts'
import { DeadlineError, NodeError } from '../errors.ts'
import type { VerifyingNode, WholeRead } from '../node/node.ts'
import { corruptOn, type Fault, missingOn, silentOver } from './faults.ts'
import type { Mender } from './mend.ts'
import type { Results } from './results.ts'
import type { Item, Sources } from './sources.ts'

interface ReadingEdges {
  readonly node: VerifyingNode
  readonly sources: Sources
  readonly mender: Mender
  readonly results: Results
  /** Called as each was read to its end, or to its fault. */
  readonly onRead: () => void
}

/** Of one DAG: what reading it came to, or why it came to nothing. */
type Read = WholeRead | { readonly how: 'cut' } | { readonly how: 'unread'; readonly error: NodeError }

/**
 * Reads what is to be verified, two at a time, until nothing is left or the time is over. What lacks blocks is mended
 * meanwhile, and then read again.
 * @param options.atOnce so many are mended at a time
 * @returns the fault of the whole node that ended it
 */
export async function readAll(
  edges: ReadingEdges,
  options: { readonly atOnce: number; readonly signal: AbortSignal },
): Promise<NodeError | null> {
  return new Readers(edges, options).run()
}

class Readers {
  readonly #edges: ReadingEdges
  readonly #mendAtOnce: number
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #mending = new Set<Promise<void>>()
  /** What was mended, and is to be read again before anything else. */
  readonly #again: Item[] = []
  /** Of which nothing came for long: their own fault, once the node reads another. */
  #silent: { readonly item: Item; readonly fault: Fault }[] = []
  #unreadInARow = 0
  #nodeError: NodeError | null = null
  /** What nobody expected. */
  #defect: { readonly error: unknown } | undefined

  constructor(edges: ReadingEdges, { atOnce, signal }: Parameters<typeof readAll>[1]) {
    this.#edges = edges
    this.#mendAtOnce = atOnce
    this.#signal = AbortSignal.any([signal, this.#stop.signal])
  }

  async run(): Promise<NodeError | null> {
    await Promise.all(Array.from({ length: readAtOnce }, (_, lane) => this.#orEnd(this.#read(lane))))
    await Promise.all(this.#mending)
    if (this.#defect !== undefined) throw this.#defect.error
    return this.#nodeError
  }

  /** Never rejects: what goes wrong ends all that is under way, and is told at the end. */
  async #orEnd(work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      if (this.#signal.aborted && error === this.#signal.reason) return
      if (error instanceof NodeError) this.#nodeError ??= error
      else this.#defect ??= { error }
      this.#stop.abort()
    }
  }

  async #read(lane: number): Promise<void> {
    while (!this.#signal.aborted) {
      const item = this.#again.pop() ?? (await this.#edges.sources.next(lane, this.#signal))
      if (item !== undefined) await this.#take(item)
      else if (this.#mending.size > 0) await Promise.race(this.#mending)
      else return
    }
  }

  async #take(item: Item): Promise<void> {
    const { results } = this.#edges
    let bytes = 0
    const read = await this.#readWhole(item, (more) => {
      bytes += more
      results.counts.bytes += more
    })
    if (read.how === 'cut') this.#cut(item, bytes)
    else if (read.how === 'unread') this.#unread(item, read.error, bytes)
    else {
      this.#unreadInARow = 0
      this.#edges.onRead()
      if (read.how === 'whole') results.whole(item, bytes)
      else if (read.how === 'corrupt') await this.#fail(item, corruptOn(read))
      else if (item.wasFetched)
        await this.#fail(item, missingOn(read.block, 'it was fetched, and is not there'))
      else await this.#mend(item, read.block)
      if (read.how === 'whole') await this.#settleSilent()
    }
  }

  async #readWhole(item: Item, onBytes: (bytes: number) => void): Promise<Read> {
    try {
      return await this.#edges.node.readWhole(item.cid, { onBytes, signal: this.#signal })
    } catch (error) {
      if (this.#signal.aborted) return { how: 'cut' }
      if (error instanceof NodeError) return { how: 'unread', error }
      throw error
    }
  }

  #cut(item: Item, bytes: number): void {
    if (goesOnInParts(bytes)) this.#edges.results.cut(item)
  }

  /** @throws the error, where it is the node's fault */
  #unread(item: Item, error: NodeError, bytes: number): void {
    if (error.fault === 'unauthorised' || ++this.#unreadInARow >= tooManyUnread) throw error
    this.#edges.results.unread(error)
    if (goesOnInParts(bytes)) this.#cut(item, bytes)
    else if (error.cause instanceof DeadlineError)
      this.#silent.push({ item, fault: silentOver(error.cause.waitedMs) })
  }

  async #settleSilent(): Promise<void> {
    const silent = this.#silent
    this.#silent = []
    for (const { item, fault } of silent) await this.#fail(item, fault)
  }

  async #fail(item: Item, fault: Fault): Promise<void> {
    this.#edges.sources.leave(item.pin.key)
    await this.#edges.results.failed(item, fault)
  }

  /** Reading goes on while it is mended, unless many are. */
  async #mend(item: Item, block: string | null): Promise<void> {
    const mending = this.#orEnd(this.#fetch(item, block)).finally(() => this.#mending.delete(mending))
    this.#mending.add(mending)
    if (this.#mending.size >= this.#mendAtOnce) await Promise.race(this.#mending)
  }

  async #fetch(item: Item, block: string | null): Promise<void> {
    const { mender, results } = this.#edges
    const reason = await mender.fetch(item.cid, results.bucketOf(item), this.#signal)
    if (reason === undefined) this.#again.push({ ...item, wasFetched: true })
    else await this.#fail(item, missingOn(block, reason))
  }
}
