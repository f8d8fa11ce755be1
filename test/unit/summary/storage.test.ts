import { expect, test } from 'vitest'
import type { StorageReport } from '../../../src/report/report.ts'
import { storageLine } from '../../../src/summary/storage.ts'

const nothing: StorageReport = { missing: 0, unknown: 0, room: null, fetched: null, stoppedBy: null }

test.each<[Partial<StorageReport> | null, string | null]>([
  [null, null],
  [{}, null],
  [{ fetched: 0 }, '0 B fetched.'],
  [{ missing: 1_200_000, unknown: 1 }, 'up to 1.2 MB and 1 CID of unknown size were missing.'],
  [
    { fetched: 2e9, missing: 3e12, unknown: 2_000, room: -4 },
    '2 GB fetched · up to 3 TB and 2,000 CIDs of unknown size were missing · there was room for 0 B.',
  ],
  [{ fetched: 1, stoppedBy: 'max-bytes' }, '1 B fetched · **`max-bytes` is used up**: the next run goes on.'],
])('%j', (storage, line) => {
  expect(storageLine(storage && { ...nothing, ...storage })).toBe(line)
})
