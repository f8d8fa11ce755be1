import { createHash } from 'node:crypto'
import { atOnce } from '../../../src/domain/long-work.ts'
import { type ReasonClass, retryOf } from '../../../src/domain/reasons/classes.ts'
import { summedUp } from '../../../src/issue/failures.ts'
import type { FailureKind, Tracked } from '../../../src/issue/tracked.ts'
import { tracked } from '../report/samples.ts'

/** A CID that fails, as a ledger has it; instants in ms. */
export interface Failing {
  readonly cid: string
  readonly kind: FailureKind
  readonly bucket: string
  readonly class: ReasonClass
  readonly reason: string
  readonly since: number
  readonly next: number
}

/** Long before any test. */
export const longAgo = Date.UTC(2026, 10, 20, 8, 13)

export function failing(index: number, over: Partial<Failing> = {}): Failing {
  return {
    cid: `bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55${String(index).padStart(6, '0')}`,
    kind: 'backup',
    bucket: 'photos',
    class: 'no-block',
    reason: 'no block of it came within 120 s',
    since: longAgo,
    next: Date.UTC(2026, 10, 22, 20),
    ...over,
  }
}

export function several(count: number, over: Partial<Failing> = {}, from = 0): Failing[] {
  return Array.from({ length: count }, (_, index) => failing(from + index, over))
}

/** What is tracked where these fail. */
export function stateOf(all: readonly Failing[], over: Parameters<typeof tracked>[0] = {}): Tracked {
  const ledger = all.filter(({ kind }) => kind !== 'request')
  const keys = ledger.map(({ kind, cid }) => `${kind} ${cid}`).sort()
  const newer = (instant: number) => ledger.filter(({ since }) => since > instant)
  return tracked({
    failures: sumOf(all),
    ledgerDigest: createHash('sha256').update(keys.join()).digest('hex'),
    failedRequests: all.filter(({ kind }) => kind === 'request').map(({ cid }) => cid),
    newerThan: async (instant) => ({
      failures: sumOf(newer(instant)),
      cids: newer(instant).map(({ cid }) => cid),
    }),
    ...over,
  })
}

function sumOf(all: readonly Failing[]) {
  const rows = all.map(({ kind, class: reasonClass, bucket, since, next }) => ({
    kind,
    class: reasonClass,
    retry: retryOf(reasonClass),
    bucket,
    cids: 1,
    oldest: since,
    next: kind === 'request' ? null : next,
  }))
  const order = (one: (typeof rows)[number]) => JSON.stringify([one.kind, one.class, one.bucket])
  rows.sort((a, b) => (order(a) < order(b) ? -1 : 1))
  return atOnce(
    summedUp(rows, (sum) => {
      const alike = all.filter((one) => one.kind === sum.kind && one.class === sum.class)
      return { reason: alike[0]?.reason ?? '', first: alike.slice(0, 500).map(({ cid }) => cid) }
    }),
  )
}
