import { expect, test } from 'vitest'
import { mirrorId } from '../../../src/domain/mirror.ts'

const endpoint = new URL('https://api.filebase.io/v1/ipfs')

test('names cache-key and endpoint together, the same every time', () => {
  expect(mirrorId('ipfs-pin-mirror', endpoint)).toMatch(/^[0-9a-f]{16}$/)
  // Issues and snapshots of earlier versions are found by it: it never changes.
  expect(mirrorId('ipfs-pin-mirror', endpoint)).toBe('11dab9f969b9b343')
  expect(mirrorId('other', endpoint)).not.toBe(mirrorId('ipfs-pin-mirror', endpoint))
  expect(mirrorId('ipfs-pin-mirror', new URL('https://example.com/'))).not.toBe(
    mirrorId('ipfs-pin-mirror', endpoint),
  )
})
