import { createHash } from 'node:crypto'
import { z } from 'zod'
import { code } from '../text/escape.ts'
import { number } from '../text/numbers.ts'
import type { Tracked } from './tracked.ts'

const kinds = ['backup', 'update', 'verify', 'delegate', 'request', 'doubt', 'peer'] as const
type Kind = (typeof kinds)[number]

const nouns: Readonly<Record<Kind, string>> = {
  backup: 'failed on the node',
  update: 'failed at the service',
  verify: 'broken on the node',
  delegate: 'unknown delegate',
  request: 'request that failed at the service',
  doubt: 'not believed yet',
  peer: 'peer of the cluster in trouble',
}

const toldSchema = z.object({
  /** How many there are of each kind. */
  counts: z.record(z.enum(kinds), z.number()),
  /** Of all of them: tells whether anything changed, also where not all are listed. */
  digest: z.string(),
  /** `KIND ID`; `null` where there are too many to list. */
  keys: z.array(z.string()).nullable(),
})

/** What the issue told its readers, kept in a hidden line of its body: what the next comment is compared with. */
export type Told = z.infer<typeof toldSchema>

/** About 200 CIDs: a third of the body at most. */
const mostKeyCharacters = 15_000
const mostNamed = 10

export function toldOf(tracked: Tracked): Told {
  const keys = [
    ...new Set([
      ...tracked.failures.map(({ direction, cid }) => keyOf(direction, cid)),
      ...tracked.unknownDelegates.map(({ peerId }) => keyOf('delegate', peerId)),
      ...tracked.failedRequests.map(({ cid }) => keyOf('request', cid)),
      ...tracked.doubts.map(({ where }) => keyOf('doubt', where)),
      ...tracked.troubledPeers.map(({ peerId }) => keyOf('peer', peerId)),
    ]),
  ].sort()
  const counts = { backup: 0, update: 0, verify: 0, delegate: 0, request: 0, doubt: 0, peer: 0 }
  let characters = 0
  for (const key of keys) {
    counts[kindOf(key)]++
    characters += Buffer.byteLength(JSON.stringify(key)) + 1
  }
  const digest = createHash('sha256').update(JSON.stringify(keys)).digest('hex').slice(0, 32)
  return { counts, digest, keys: characters <= mostKeyCharacters ? keys : null }
}

/** The hidden line; in Base64, so that nothing in it can end the comment. */
export function toldLine(told: Told): string {
  return `<!-- ipfs-pin-mirror-told: ${Buffer.from(JSON.stringify(told)).toString('base64')} -->`
}

/** What a body told; `undefined` where its line is missing or was damaged. */
export function toldIn(body: string): Told | undefined {
  const base64 = /<!-- ipfs-pin-mirror-told: (\S+) -->/.exec(body)?.[1]
  if (base64 === undefined) return undefined
  try {
    return toldSchema.parse(JSON.parse(Buffer.from(base64, 'base64').toString('utf8')))
  } catch {
    return undefined
  }
}

/** Whether something was told before that is not told now, as far as can be known. */
export function lacks(after: Told, before: Told | undefined): boolean {
  if (before?.digest === after.digest) return false
  if (before === undefined || before.keys === null || after.keys === null) return true
  return difference(before.keys, after.keys).length > 0
}

/** Whether something is told now that was not told before; of what was told in a form that is damaged, nothing is known. */
export function isNews(after: Told, before: Told | undefined): boolean {
  if (before === undefined || before.digest === after.digest) return false
  if (before.keys === null || after.keys === null)
    return kinds.some((kind) => after.counts[kind] > before.counts[kind])
  return difference(after.keys, before.keys).length > 0
}

/** The comment on a change; `null` where nothing appeared and nothing went. */
export function renderChange(before: Told, after: Told, runUrl: string): string | null {
  if (before.digest === after.digest) return null
  const settled = kinds.every((kind) => after.counts[kind] === 0)
  const head = settled ? 'Nothing is left, so the issue is closed' : 'Something changed'
  const parts = [`${head} ([run](${runUrl})).`]
  if (before.keys === null || after.keys === null) {
    parts.push(
      kinds
        .filter((kind) => before.counts[kind] + after.counts[kind] > 0)
        .map((kind) => moved(kind))
        .join('\n'),
    )
  } else {
    parts.push(
      ...named('New', difference(after.keys, before.keys)),
      ...named('Settled', difference(before.keys, after.keys)),
    )
  }
  return parts.join('\n\n')

  function moved(kind: Kind): string {
    return `- ${nouns[kind]}: ${number(before.counts[kind])}, now ${number(after.counts[kind])}`
  }
}

function named(title: string, keys: readonly string[]): string[] {
  if (keys.length === 0) return []
  const lines = keys.slice(0, mostNamed).map((key) => {
    const kind = kindOf(key)
    return `- ${code(key.slice(kind.length + 1))} (${nouns[kind]})`
  })
  const left = keys.length - lines.length
  if (left > 0) lines.push(`- and ${number(left)} more`)
  return [`**${title}: ${number(keys.length)}**\n\n${lines.join('\n')}`]
}

const keyOf = (kind: Kind, id: string) => `${kind} ${id.slice(0, 200).toWellFormed()}`

function kindOf(key: string): Kind {
  return kinds.find((kind) => key.startsWith(`${kind} `)) ?? 'backup'
}

function difference(from: readonly string[], without: readonly string[]): string[] {
  const known = new Set(without)
  return [...new Set(from)].filter((key) => !known.has(key))
}
