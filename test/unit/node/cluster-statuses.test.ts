import { expect, test } from 'vitest'
import { pinStatus } from '../../../src/node/cluster/answers.ts'
import { replicatedPin } from '../../../src/node/cluster/statuses.ts'

test.each([
  ['pinned', 'pinned'],
  ['a word of tomorrow', 'silent'],
  ['constructor', 'silent'],
  ['__proto__', 'silent'],
])('a peer that says %s is %s', (status, standing) => {
  const said = pinStatus.parse({ cid: 'bafkqaaa', peer_map: { '12D3Koo': { status } } })
  expect(replicatedPin(said).peers).toMatchObject([{ peerId: '12D3Koo', standing }])
})

test('a name is cut at a character to what Kubo takes', () => {
  const said = pinStatus.parse({ cid: 'bafkqaaa', name: '💥'.repeat(1000), peer_map: {} })
  expect(replicatedPin(said).name).toBe('💥'.repeat(63))
})

test('a name that is the CID is none', () => {
  const said = pinStatus.parse({ cid: 'bafkqaaa', name: 'BAFKQAAA', peer_map: {} })
  expect(replicatedPin(said).name).toBe(null)
})
