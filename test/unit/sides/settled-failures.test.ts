import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Direction } from '../../../src/config/types.ts'
import { type PinCid, parseCid } from '../../../src/domain/cid.ts'
import { compare } from '../../../src/domain/compare.ts'
import { atOnce } from '../../../src/domain/long-work.ts'
import { NodePins } from '../../../src/domain/node-pins.ts'
import type { Status } from '../../../src/domain/pin.ts'
import { settledFailures } from '../../../src/sides/settled-failures.ts'
import { Ledger, type LedgerDirection } from '../../../src/snapshot/ledger.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { Cids } from '../../sandbox/identity.ts'
import { read } from '../config/step.ts'
import { listedRequest } from '../domain/listed-request.ts'

const text = new Cids(1).next()
const other = new Cids(2).next()
const cid = parseCid(text) as PinCid

interface Given {
  /** What failed before. */
  readonly failed?: LedgerDirection
  /** From which bucket. */
  readonly bucket?: string
  /** Its request there now. */
  readonly status?: Status
  /** Under which name the node pins it. */
  readonly pinnedAs?: string
  readonly isProved?: boolean
  readonly isWhole?: boolean
  readonly direction?: Direction
  readonly inputs?: Readonly<Record<string, string>>
}

/** What the ledger keeps of a CID that failed, and whether it has others than what was found to be settled. */
function settle(given: Given) {
  const { failed = 'backup', bucket = 'main', status, pinnedAs, direction = 'both', inputs = {} } = given
  const db = new DatabaseSync(':memory:')
  migrate(db)
  const ledger = new Ledger(db, () => {})
  ledger.record(failed, { cid, name: null, bucket, reason: 'no peers', class: 'no-block' }, 1000)
  const pins = new NodePins()
  if (pinnedAs !== undefined) pins.add(cid.key, { isV0: false, name: pinnedAs })
  const comparison = atOnce(compare(pins, [status === undefined ? [] : [listedRequest(text, { status })]]))
  const trust = {
    isProved: given.isProved === true,
    isNodeBelieved: true,
    nodeEmptySince: null,
    isWhole: given.isWhole === true,
  }
  const config = read({ direction, ...inputs })
  const { forget, areOthersLeft } = settledFailures({ ledger, config }, { comparison, trust })
  const isOtherLeft = areOthersLeft()
  expect(new Map(ledger.entries(failed)).has(cid.key)).toBe(true)
  forget()
  const isKept = new Map(ledger.entries(failed)).has(cid.key)
  db.close()
  return { isKept, isOtherLeft }
}

const update = { failed: 'update' } as const
const verify = { failed: 'verify' } as const

test.each<[string, Given, boolean]>([
  // On the node.
  ['is on the node now', { pinnedAs: '', status: 'pinned' }, false],
  ['is still wanted', { status: 'pinned', isProved: true }, true],
  ['is on its way at the service', { status: 'queued', isProved: true }, true],
  ['is gone from the service', { isProved: true }, false],
  ['is not seen at the service, which is not proved', { isWhole: true }, true],
  ['came from a bucket that is not listed any more', { isProved: true, bucket: 'other' }, true],
  [
    'came from a bucket that is not listed any more, on purpose',
    { isProved: true, bucket: 'other', inputs: { 'ignore-buckets': 'other' } },
    false,
  ],
  ['is ignored', { status: 'pinned', inputs: { ignore: text } }, false],
  ['is not ignored, as another is', { status: 'pinned', inputs: { ignore: other } }, true],
  // At the service.
  ['is pinned at the service now', { ...update, pinnedAs: '', status: 'pinned' }, false],
  ['is on its way there', { ...update, pinnedAs: '', status: 'queued', isWhole: true }, true],
  ['is on the node, and not there', { ...update, pinnedAs: '', isWhole: true }, true],
  ['is gone from the node', { ...update, isWhole: true }, false],
  ['is not seen on the node, which is not believed', { ...update, isProved: true }, true],
  ['is ignored by an update', { ...update, pinnedAs: '', inputs: { ignore: text } }, false],
  ['has no name that is asked for', { ...update, pinnedAs: 'a', inputs: { 'only-names': 'b' } }, false],
  ['has a name that is asked for', { ...update, pinnedAs: 'b', inputs: { 'only-names': 'b' } }, true],
  [
    'may have any name, as a backup does not list them',
    { ...update, pinnedAs: 'a', direction: 'backup', inputs: { 'only-names': 'b' } },
    true,
  ],
  ['has no name that is known', { ...update, inputs: { 'only-names': 'b' } }, true],
  // Broken on the node.
  [
    'is pinned on both sides',
    { ...verify, pinnedAs: '', status: 'pinned', isWhole: true, isProved: true },
    true,
  ],
  ['is unpinned on the node', { ...verify, status: 'pinned' }, false],
  ['is gone from the service, where its pin stands', { ...verify, pinnedAs: '', isProved: true }, false],
  ['is not seen at the service, where its pin stands', { ...verify, pinnedAs: '' }, true],
  ['is broken, and ignored', { ...verify, pinnedAs: '', status: 'pinned', inputs: { ignore: text } }, false],
])('what failed and %s is kept or forgotten', (_, given, isKept) => {
  expect(settle(given)).toMatchObject({ isKept })
})

test.each<[LedgerDirection, Direction, boolean]>([
  ['backup', 'backup', true],
  ['backup', 'both', true],
  ['backup', 'update', false],
  ['update', 'update', true],
  ['update', 'both', true],
  ['update', 'backup', false],
])('what failed in a direction counts where the run goes there: %s in %s', (failed, direction, isLeft) => {
  expect(settle({ failed, direction, status: 'failed' })).toEqual({ isKept: true, isOtherLeft: isLeft })
})

test.each<[Direction, boolean]>([
  ['backup', true],
  ['both', true],
  ['update', false],
])('what is broken on the node counts where a run verifies: %s', (direction, isLeft) => {
  const broken = settle({ failed: 'verify', direction, pinnedAs: '', status: 'pinned' })
  expect(broken).toEqual({ isKept: true, isOtherLeft: isLeft })
})

test('what is settled is none of the others', () => {
  expect(settle({ pinnedAs: '' })).toEqual({ isKept: false, isOtherLeft: false })
})
