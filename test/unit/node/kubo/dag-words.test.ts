import { describe, expect, test } from 'vitest'
import { isAltered, isNotThere, whyUnreadable } from '../../../../src/node/kubo/dag-words.ts'
import { Cids } from '../../../sandbox/identity.ts'

const cids = new Cids(5)
const [block, other] = [cids.next('raw'), cids.next('raw')]
const offline = `block was not found locally (offline): ipld: could not find ${block}`
const mismatch = `hash mismatch!  ${other} (actual) != ${block} (expected)`
/** As Go quotes a path: JSON has the same for all that is here. */
const at = (path: string, words: string) =>
  `walk failed: error traversing node at ${JSON.stringify(path)}: could not load link "${block}": ${words}`

const missing = { how: 'missing', block }
const corrupt = { how: 'corrupt', block }
const unknown = { how: 'corrupt', block: undefined }
const brokenOff = { how: 'broken-off' }

/** What an uploader may call a key, to be read as something else. */
const keys = [
  'plain',
  'closed',
  'context canceled',
  'context deadline exceeded',
  'a"b": context canceled',
  'a\\": closed',
  '\\',
  `could not find ${other}`,
  `ipld: could not find ${other}`,
  `hash mismatch!  ${other} (actual) != ${other} (expected)`,
  'two\nlines: closed',
]

describe.each(keys)('under the key %j', (key) => {
  test.each([
    [offline, missing],
    [`${offline} (currently offline, perhaps retry without the offline flag)`, missing],
    [mismatch, corrupt],
    ['unexpected content after end of cbor object', unknown],
    [`duplicate map key ${JSON.stringify(key)}`, unknown],
    ['context canceled', brokenOff],
    ['block was not found locally (offline): context deadline exceeded', brokenOff],
    ['datastore closed', brokenOff],
    ['io: read/write on closed pipe', brokenOff],
  ])('%s', (words, why) => {
    expect(whyUnreadable(at(key, words))).toEqual(why)
  })
})

test.each([
  [offline, missing],
  ['ipld: could not find node', { how: 'missing', block: 'node' }],
  [mismatch, corrupt],
  ['block in storage has different hash than requested', unknown],
  ['repo is closed', brokenOff],
  ['leveldb: closed', brokenOff],
  ['context canceled', brokenOff],
])('of the first block: %s', (words, why) => {
  expect(whyUnreadable(words)).toEqual(why)
})

test.each([
  [offline, true],
  ['failed to fetch all nodes', true],
  ['unexpected content after end of cbor object', false],
  [`duplicate map key "${offline}"`, false],
  ['duplicate map key "failed to fetch all nodes"', false],
])('that a block is not there: %s', (words, is) => {
  expect(isNotThere(words)).toBe(is)
})

test('a path that is cut off is quoted to its end, and looked at once however many quotes are in it', () => {
  const path = '\\"'.repeat(2_000_000)
  expect(whyUnreadable(`walk failed: error traversing node at "${path}: context canceled`)).toEqual(unknown)
})

const altered = `mismatch in content integrity, expected: ${block}, got: ${other}`

test.each([
  [`import failed: ${altered}`, true],
  [`import failed after block "${other}": ${altered}`, true],
  [`import failed at block "${other}": duplicate map key "${altered}"`, false],
  [`import failed at block "${other}": duplicate map key "mismatch in content integrity"`, false],
])('that a block was altered: %s', (words, is) => {
  expect(isAltered(words)).toBe(is)
})
