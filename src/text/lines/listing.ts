import { count, number } from '../numbers.ts'

interface Bucket {
  readonly name: string
  /** `null` where the listing broke off. */
  readonly changes: { readonly added: number; readonly removed: number; readonly changed: number } | null
  readonly isProved: boolean
  /** How many requests it has, as far as they are known. */
  readonly requests: number
  /** How often the service was asked. */
  readonly asked: number
}

/** A line for each bucket in which there is something new, and one for all others. */
export function bucketLines(buckets: readonly Bucket[]): string[] {
  const others: Bucket[] = []
  const lines: string[] = []
  for (const bucket of buckets) {
    const news = newsOf(bucket)
    if (news === null) others.push(bucket)
    else lines.push(`${bucket.name}: ${news}`)
  }
  return others.length === 0 ? lines : [...lines, linesOfQuiet(others, lines.length > 0)]
}

/** `14 new, 3 gone, 2,414 requests`, `2,414 requests, all new`; `null` for nothing new. */
function newsOf({ changes, isProved, requests, asked }: Bucket): string | null {
  if (changes === null) return `not listed, it broke off after ${count(asked, 'request')} to the service`
  const { added, removed, changed } = changes
  if (added > 0 && added === requests && isProved) return `${count(requests, 'request')}, all new`
  const parts = [
    added > 0 && `${number(added)} new`,
    removed > 0 && `${number(removed)} gone`,
    changed > 0 && `${number(changed)} changed`,
    !isProved && 'not proved complete',
  ].filter((part) => part !== false)
  return parts.length === 0 ? null : `${parts.join(', ')}, ${count(requests, 'request')}`
}

function linesOfQuiet(buckets: readonly Bucket[], areOthers: boolean): string {
  const requests = count(
    buckets.reduce((sum, bucket) => sum + bucket.requests, 0),
    'request',
  )
  const [only] = buckets
  if (buckets.length === 1 && only !== undefined) return `${only.name}: nothing new, ${requests}`
  const which = areOthers
    ? `The other ${number(buckets.length)} buckets`
    : `All ${number(buckets.length)} buckets`
  return `${which}: nothing new, ${requests}`
}

/** What was found out of a window of time, for who looks for a fault. */
export function windowLine(decision: {
  readonly bucket: string
  readonly window: { readonly after: number | null; readonly before: number | null }
  readonly what: 'equal' | 'differs' | 'read' | 'audited'
  readonly theirs: number
  readonly ours: number
}): string {
  const { bucket, window, what, theirs, ours } = decision
  const there = `${number(theirs)} there`
  const found = {
    equal: `${there} and here: not read`,
    differs: `${there}, ${number(ours)} here: looked into`,
    read: `${there}, ${number(ours)} read`,
    audited: `${there}, ${number(ours)} read again as an audit`,
  }[what]
  return `${bucket}, ${spanOf(window)}: ${found}`
}

function spanOf({
  after,
  before,
}: {
  readonly after: number | null
  readonly before: number | null
}): string {
  if (after === null && before === null) return 'all time'
  if (after === null) return `before ${instantOf(before)}`
  if (before === null) return `after ${instantOf(after)}`
  return `${instantOf(after)} to ${instantOf(before)}`
}

/** A bound may be any number that a service's dates make. */
function instantOf(ms: number | null): string {
  const date = new Date(ms ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString()
}
