import { expect, test } from 'vitest'
import type { StorageReport } from '../../../src/report/report.ts'
import { storageFacts, storageTitle } from '../../../src/summary/sections/storage.ts'

const unknown: StorageReport = { missing: 0, unknown: 1, room: null, fetched: null, stoppedBy: null }

test.each<[Partial<StorageReport>, string | undefined, string]>([
  [{}, undefined, 'Missing: 1 CID of unknown size'],
  [{ fetched: 0 }, undefined, 'Missing: 1 CID of unknown size · fetched: 0 B'],
  [
    { fetched: 0, room: -4 },
    'room for 0 B',
    'Missing: 1 CID of unknown size · room beyond `keep-free`: 0 B · fetched: 0 B',
  ],
  [
    { missing: 1_200_000, unknown: 0, fetched: 0 },
    'up to 1.2 MB missing',
    'Missing: up to 1.2 MB · fetched: 0 B',
  ],
  [
    { missing: 3e12, unknown: 2_000, fetched: 2e9, room: 5e9, stoppedBy: 'keep-free' },
    '2 GB fetched',
    'Missing: up to 3 TB, and 2,000 CIDs of unknown size · room beyond `keep-free`: 5 GB · fetched: 2 GB · `keep-free` would not be left: the rest waits for room',
  ],
  [
    { missing: 2, unknown: 0, fetched: 1, stoppedBy: 'max-bytes' },
    '1 B fetched',
    'Missing: up to 2 B · fetched: 1 B · `max-bytes` is used up: the rest comes in the next runs',
  ],
])('%j', (known, title, facts) => {
  const storage = { ...unknown, ...known }
  expect(storageTitle(storage)).toBe(title)
  const { stoppedBy } = storage
  expect(storageFacts(storage, stoppedBy === null ? ['time-limit'] : [stoppedBy])).toBe(facts)
})

test('all that held pins back is named', () => {
  expect(storageFacts(unknown, ['time-limit', 'max-bytes', 'keep-free'])).toBe(
    'Missing: 1 CID of unknown size · `max-bytes` is used up: the rest comes in the next runs · `keep-free` would not be left: the rest waits for room',
  )
})
