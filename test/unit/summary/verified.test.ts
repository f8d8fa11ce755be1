import { describe, expect, test } from 'vitest'
import type { BucketVerification, Report } from '../../../src/report/report.ts'
import { headline } from '../../../src/summary/headline.ts'
import { renderSummary } from '../../../src/summary/summary.ts'
import { failure, report } from '../report/samples.ts'

type Verify = NonNullable<Report['verify']>

const photos: BucketVerification = {
  name: 'photos',
  cids: 1000,
  bytes: 1.2e12,
  recent: 980,
  recentBytes: 1.18e12,
  never: 0,
  broken: 0,
  oldest: '2026-10-19',
}
const verify = (over: Partial<Verify> = {}): Verify => ({
  checked: 40,
  whole: 40,
  mended: 0,
  missing: 0,
  corrupt: 0,
  unread: 0,
  bytes: 5e10,
  fetched: 0,
  oldest: '2026-10-19',
  failed: [],
  buckets: [photos],
  ...over,
})
const summaryOf = (over: Partial<Verify> | null, rest: Partial<Report> = {}) =>
  renderSummary(report({ verify: over === null ? null : verify(over), ...rest }), { issue: null })
const missing = failure(1, { class: 'missing-block', reason: 'a block of it is missing on the node' })
const corrupt = failure(2, { class: 'corrupt-block', reason: 'its block is corrupt on the node' })

describe('how far all is verified', () => {
  test.each([
    [{}, '98% of 1.2 TB verified in the last 30 days, the oldest 34 days ago.'],
    [{ mended: 2 }, '98% of 1.2 TB verified in the last 30 days, the oldest 34 days ago; 2 CIDs mended.'],
    [
      { buckets: [{ ...photos, never: 20 }] },
      '980 of 1,000 CIDs verified (1.18 TB) in the last 30 days, the oldest 34 days ago, 20 never so far.',
    ],
    [
      { buckets: [photos, { ...photos, name: 'video', recent: 1000, recentBytes: 1.2e12 }] },
      '99% of 2.4 TB verified in the last 30 days, the oldest 34 days ago.',
    ],
    [
      { oldest: '2026-11-22', buckets: [{ ...photos, recent: 1000, recentBytes: 1.2e12 }] },
      '100% of 1.2 TB verified in the last 30 days, the oldest today.',
    ],
    [
      { buckets: [{ ...photos, recent: 999, recentBytes: 1.2e12, broken: 1 }] },
      '99% of 1.2 TB verified in the last 30 days, the oldest 34 days ago.',
    ],
    [
      { oldest: null, buckets: [{ ...photos, never: 1000, recent: 0, recentBytes: 0, bytes: 0 }] },
      '0 of 1,000 CIDs verified (0 B) in the last 30 days, 1,000 never so far.',
    ],
  ])('is one sentence: %o', (over, sentence) => {
    expect(summaryOf(over).split('\n')).toContain(sentence)
  })

  test('is left out where nothing is verified', () => {
    expect(summaryOf(null)).not.toContain('verified')
    expect(summaryOf({ buckets: [{ ...photos, cids: 0 }] })).not.toContain('verified')
  })
})

describe('what is broken', () => {
  const rest = { conclusion: 'failed-pins' as const }
  const summary = summaryOf({ failed: [missing, corrupt] }, rest)
  const [before = '', after = ''] = summary.split('### What the mirror does by itself')

  test('is the headline where nothing else failed', () => {
    expect(headline(report({ ...rest, verify: verify({ failed: [missing, corrupt] }) }))).toBe(
      '2 pinned CIDs are broken on the node',
    )
    const backup = { missing: 1, ignored: 0, resting: 0, pinned: [], failed: [failure(3)], pending: [] }
    expect(headline(report({ ...rest, backup, verify: verify({ failed: [missing] }) }))).toBe(
      '1 CID could not be pinned on the node; 1 pinned CID is broken on the node',
    )
  })

  test('needs a person only where it is corrupt', () => {
    expect(before).toContain('1. **Heal 1 CID with a corrupt block.**')
    expect(before).toContain('`ipfs repo verify --heal`')
    expect(after).toContain('Tries the other 1 CID again')
  })

  test('is listed by reason, to copy', () => {
    expect(after).toContain('### Broken on the node: 2 CIDs, for 2 reasons')
    expect(after).toContain('<b>1 · A block is missing on the node.</b>')
    expect(after).toContain('<b>1 · A block is corrupt on the node.</b>')
    for (const { cid } of [missing, corrupt]) expect(after).toContain(cid)
  })
})
