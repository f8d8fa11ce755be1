import { expect, test } from 'vitest'
import { connectedLine, dialLine } from '../../../../src/text/lines/delegates.ts'

test('how the node stands with the delegates is a line, with why it is not connected to some', () => {
  const peer = (n: number, reason: string | null) => ({
    peerId: `peer${n}`,
    connected: reason === null,
    reason,
  })
  expect(connectedLine([])).toBe(null)
  expect(connectedLine([peer(1, null), peer(2, null), peer(3, null)])).toBe('Connected to 3 of 3 delegates')
  expect(connectedLine([peer(1, null), peer(2, 'dial backoff')])).toBe(
    'Connected to 1 of 2 delegates. Not to peer2 (dial backoff)',
  )
  const many = Array.from({ length: 1_000 }, (_, n) => peer(n, 'no'))
  expect(connectedLine(many)).toMatch(
    /^Connected to 0 of 1,000 delegates\. Not to peer0 \(no\), .*peer4 \(no\), 995 more$/,
  )
})

test('a dial is told with what came of it', () => {
  expect(dialLine({ peerId: 'peer1', took: 120.4, reason: null })).toBe('dial of peer1: connected, 120ms')
  expect(dialLine({ peerId: 'peer1', took: 15_000, reason: 'dial backoff' })).toBe(
    'dial of peer1: in vain (dial backoff), 15s',
  )
})
