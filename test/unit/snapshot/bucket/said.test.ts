import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { expect, test } from 'vitest'
import { atOnce } from '../../../../src/domain/long-work.ts'
import { readPage } from '../../../../src/service/answers.ts'
import { Facts } from '../../../../src/snapshot/facts.ts'
import { migrate } from '../../../../src/snapshot/migrations.ts'
import { findStrangeRow } from '../../../../src/snapshot/row-rules.ts'
import { Snapshot } from '../../../../src/snapshot/snapshot.ts'
import { Cids } from '../../../sandbox/identity.ts'

const signs = fc.constantFrom('a', '\u0000', '\u0001', '"', '\\', '\ud800', '\udc00', 'é', '💥', '\u2028')
/** Short ones, and ones that are as long as what is read of them, or longer. */
const text = fc
  .tuple(
    signs,
    fc.constantFrom(0, 1, 3, 255, 256, 512, 513, 996, 1000, 1001, 2000),
    fc.string({ maxLength: 4 }),
  )
  .map(([sign, length, more]) => more + sign.repeat(length))
const cid = fc.oneof(
  text,
  fc.constantFrom('bafkqaaa', 'Qm', 'b', 'm', 'Qmdots..', `bafkqa${'a'.repeat(505)}`, `z${'1'.repeat(511)}`),
  fc.constant(new Cids(9).next()),
)
/** An address that ends in a peer ID of so many bytes. */
const ofPeer = (bytes: number) =>
  `/p2p/${base58btc.encode(Uint8Array.from([0, bytes, ...Array(bytes).fill(7)])).slice(1)}`
const address = fc.oneof(
  text,
  text.map((peer) => `/ip4/203.0.113.5/tcp/4001/p2p/${peer}`),
  fc.nat(127).map(ofPeer),
)
const addresses = fc.oneof(
  fc.array(address, { maxLength: 25 }),
  address.map((one) => Array.from({ length: 25 }, (_, n) => one + n)),
)
const anything = fc.oneof(
  text,
  fc.double(),
  fc.constantFrom(null, [], {}, 1e308, -1, '99999999999999999999', true),
)
const row = fc.record(
  {
    requestid: fc.oneof(text, anything),
    status: fc.constantFrom('queued', 'pinning', 'pinned', 'failed'),
    created: fc.constantFrom(
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999999999-23:59',
      '2024-02-30T00:00:00z',
    ),
    pin: fc.record({ cid, name: fc.oneof(text, anything), meta: fc.dictionary(text, anything) }),
    delegates: fc.oneof({ weight: 4, arbitrary: addresses }, anything),
    info: fc.oneof(fc.record({ status_details: fc.oneof(text, anything), size: anything }), anything),
  },
  { requiredKeys: ['requestid', 'status', 'created', 'pin'] },
)

test('whatever a service says of its requests, what is kept of it is such as a run writes', async () => {
  const signal = new AbortController().signal
  let kept = 0
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (results) => {
      const db = new DatabaseSync(':memory:')
      migrate(db)
      new Facts(db).set('mirror', 'mirror')
      using snapshot = new Snapshot(db)
      const { requests } = await readPage(
        { count: results.length, results: JSON.parse(JSON.stringify(results)) },
        signal,
      )
      const bucket = snapshot.bucket('photos')
      bucket.transaction(() => bucket.take(requests))
      kept += requests.length
      expect(atOnce(findStrangeRow(db))).toBeUndefined()
      expect(new Set([...bucket.listed()].map(({ requestid }) => requestid))).toEqual(
        new Set(requests.map(({ requestid }) => requestid)),
      )
    }),
    { numRuns: 300 },
  )
  expect(kept).toBeGreaterThan(100)
})
