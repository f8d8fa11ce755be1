import { expect, test } from 'vitest'
import { handedOrigins } from '../../../src/delegates/handed-origins.ts'
import { isPublicMultiaddr } from '../../../src/domain/public-multiaddr.ts'
import { peerIds } from '../../sandbox/identity.ts'

const [one = '', other = '', ...many] = peerIds(20)
const publicly = (peerId: string) => `/ip4/93.184.216.34/tcp/4001/p2p/${peerId}`
const privately = (peerId: string) => `/ip4/192.168.1.5/tcp/4001/p2p/${peerId}`

test('a request’s own delegates come before the known ones, each once', () => {
  const originsOf = handedOrigins([{ peerId: one, addrs: [publicly(one)] }], true, isPublicMultiaddr)
  expect(originsOf([publicly(other), publicly(one)])).toEqual([publicly(other), publicly(one)])
  expect(originsOf([])).toEqual([publicly(one)])
})

test('on a service’s word nobody is dialled on a private network; whom the user named may be there', () => {
  const known = [{ peerId: one, addrs: [privately(one)] }]
  expect(handedOrigins(known, false, isPublicMultiaddr)([privately(other)])).toEqual([])
  expect(handedOrigins(known, true, isPublicMultiaddr)([privately(other)])).toEqual([privately(one)])
})

test('what names no host, no peer, or is no address is left out, and so is what is too many', () => {
  const originsOf = handedOrigins([], false, () => true)
  expect(originsOf([`/p2p/${one}`, '/ip4/93.184.216.34/tcp/4001', 'no address', publicly(one)])).toEqual([
    publicly(one),
  ])
  expect(originsOf(many.map(publicly))).toHaveLength(10)
})
