import { createHash } from 'node:crypto'
import { blanked } from './blanked.ts'

/** Whether what failed may do well when it is tried again, or will fail in the same way for ever. */
export type Retry = 'later' | 'never'

/** What is known of why CIDs fail: a short name for all that fail alike, and whether to try them again. */
const retries = {
  // What the mirror sees of a pin on the node.
  'no-block': 'later',
  stalled: 'later',
  'timed-out': 'later',
  'broken-off': 'later',
  unreadable: 'later',
  vanished: 'later',
  // What boxo, of which Kubo is made, never pins.
  'refused-hash': 'never',
  'digest-size': 'never',
  'unknown-codec': 'never',
  undecodable: 'never',
  // Of what is read again on the node.
  'missing-block': 'later',
  'corrupt-block': 'later',
  unread: 'later',
  // Of a request at the service.
  'gave-up': 'later',
  unsaid: 'later',
  'sent-in-vain': 'later',
} as const satisfies Readonly<Record<string, Retry>>

export type KnownClass = keyof typeof retries

export const classes = Object.keys(retries) as readonly KnownClass[]

/** What failures have in common. A message that nobody knows is a class of its own. */
export type ReasonClass = KnownClass | `other-${string}`

/** Why a CID failed: in words, and what that has in common with others. */
export interface Why {
  readonly reason: string
  readonly class: ReasonClass
}

export function retryOf(reasonClass: ReasonClass): Retry {
  return isKnown(reasonClass) ? retries[reasonClass] : 'later'
}

export function isKnown(reasonClass: ReasonClass): reasonClass is KnownClass {
  return Object.hasOwn(retries, reasonClass)
}

/** What is nobody's but these words': the same for messages that differ only in numbers, CIDs and the like. */
export function ownClass(words: string): ReasonClass {
  const text = blanked(words)
  const slug = text
    .slice(0, 200)
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')
    .join('-')
    .slice(0, longestSlug)
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 6)
  return `other-${[slug, digest].filter((part) => part !== '').join('-')}`
}

const longestSlug = 40
