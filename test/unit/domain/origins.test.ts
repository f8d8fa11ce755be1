import fc from 'fast-check'
import { expect, test } from 'vitest'
import { publicOrigins } from '../../../src/domain/origins.ts'

const peer = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const other = '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM'
const at = (place: string) => `${place}/p2p/${peer}`
const certhash = '/certhash/uEiAsGPzpiPGQzSlVHRXrUCT5EkTV7YFrV4VZ3hpEKTd_zg'

test.each([
  '/ip4/127.0.0.1/tcp/4001',
  '/ip4/0.0.0.0/tcp/4001',
  '/ip4/10.1.2.3/tcp/4001',
  '/ip4/172.16.0.1/udp/4001/quic-v1',
  '/ip4/172.31.255.255/tcp/4001',
  '/ip4/192.168.1.5/tcp/4001',
  '/ip4/100.64.0.1/tcp/4001',
  '/ip4/100.127.255.255/tcp/4001',
  '/ip4/169.254.10.10/tcp/4001',
  '/ip4/192.0.0.8/tcp/4001',
  '/ip4/192.0.2.1/tcp/4001',
  '/ip4/198.18.0.1/tcp/4001',
  '/ip4/203.0.113.7/tcp/4001',
  '/ip4/198.51.100.7/tcp/4001',
  '/ip4/192.88.99.1/tcp/4001',
  '/ip4/224.0.0.1/tcp/4001',
  '/ip4/255.255.255.255/tcp/4001',
  '/ip6/::1/tcp/4001',
  '/ip6/::/tcp/4001',
  '/ip6/fe80::1/tcp/4001',
  '/ip6zone/eth0/ip6/fe80::1/tcp/4001',
  '/ip6zone/eth0/ip6/2606:4700::1/tcp/4001',
  '/ip6/fd12:3456::1/tcp/4001',
  '/ip6/ff02::1/tcp/4001',
  '/ip6/2001:db8::1/tcp/4001',
  '/ip6/3fff::1/tcp/4001',
  '/ip6/::ffff:10.0.0.1/tcp/4001',
  '/ip6/::ffff:93.184.216.34/tcp/4001',
  '/ip6/64:ff9b::a00:1/tcp/4001',
  '/ip6/2002:a00:1::1/tcp/4001',
  '/ip6/2001:0:4136:e378::1/tcp/4001',
  '/dns4/localhost/tcp/4001',
  '/dns/box.local/tcp/4001',
  '/dns/Box.LAN./tcp/4001',
  '/dns4/nas.home.arpa/tcp/4001',
  '/dns4/box.alt/tcp/4001',
  '/dns4/box.corp/tcp/4001',
  '/dns4/box.example/tcp/4001',
  '/dns4/box.home/tcp/4001',
  '/dns4/box.intranet/tcp/4001',
  '/dns4/box.invalid/tcp/4001',
  '/dns4/box.localdomain/tcp/4001',
  '/dns4/box.localhost/tcp/4001',
  '/dns4/box.onion/tcp/4001',
  '/dns4/box.private/tcp/4001',
  '/dns4/box.test/tcp/4001',
  '/dns/box.Local/tcp/4001',
  '/dns4/nas/tcp/4001',
  '/dns4/nas./tcp/4001',
  '/dns4/10.0.0.1/tcp/4001',
  '/dnsaddr/node.internal',
  '/ip4/93.184.216.34/tcp/443/tls/sni/box.local/ws',
  '/ip4/93.184.216.34/tcp/0',
  '/ip4/93.184.216.34/udp/0/quic-v1',
  '/dnsaddr/node.example.com/tcp/0',
  '/ip4/93.184.216.34',
  `/ip4/93.184.216.34/tcp/4001/p2p/${other}/p2p-circuit`,
  `/ip4/93.184.216.34/tcp/4001/p2p/${other}/p2p-circuit/ip4/10.0.0.1/tcp/4001`,
  '/unix/run',
])('%s never leaves', (place) => {
  expect(publicOrigins([at(place)])).toEqual([])
})

test('nothing that is no multiaddr of a peer leaves', () => {
  expect(
    publicOrigins(['', 'nonsense', '/ip4/93.184.216.34/tcp/4001', '/ip4/93.184.216.34/tcp/4001/p2p/x']),
  ).toEqual([])
})

test('public ones come the most useful first, each once', () => {
  const inOrder = [
    '/ip4/93.184.216.34/tcp/4001',
    '/dns4/ipfs.example.com/tcp/4001',
    '/dnsaddr/node.example.com',
    '/dns4/IPFS.Example.COM./udp/4001/quic-v1',
    '/dns4/ipfs.example.com/tcp/443/tls/ws',
    '/ip6/2606:2800:220:1::1/tcp/4001',
    '/ip6/2606:2800:220:1::1/udp/4001/quic-v1',
    `/ip4/93.184.216.34/udp/4001/quic-v1/webtransport${certhash}`,
    `/ip4/93.184.216.34/udp/4001/webrtc-direct${certhash}`,
  ].map(at)
  const last = [...inOrder.slice(4), ...inOrder.slice(0, 4)]
  expect(publicOrigins([...last, ...inOrder])).toEqual(inOrder)
})

const ip4 = '/ip4/93.184.216.34'

test.each([
  ['a name of any kind', '/dns/ipfs.example.com/tcp/4001', `${ip4}/tcp/443/tls/ws`],
  ['for browsers what is over IPv4', `${ip4}/tcp/443/tls/ws`, '/dns6/ipfs.example.com/tcp/4001'],
  [
    'what servers speak, also over IPv6',
    '/ip6/2606:4700::1/tcp/4001',
    `${ip4}/udp/4001/quic-v1/webtransport${certhash}`,
  ],
  ['what is known', `${ip4}/udp/4001/webrtc-direct${certhash}`, `${ip4}/udp/4001`],
])('more useful is %s', (_, better, other) => {
  expect(publicOrigins([other, better].map(at))).toEqual([better, other].map(at))
})

test('of many addresses of one kind the last are cut, not the other kinds', () => {
  const many = Array.from({ length: 25 }, (_, n) => at(`/ip6/2606:2800::${n + 1}/tcp/4001`))
  const quic = at('/ip4/93.184.216.34/udp/4001/quic-v1')
  expect(publicOrigins([...many, quic])).toEqual([quic, ...many.slice(0, 19)])
})

test('there are at most 20, all of them given, and none of a private network', () => {
  const byte = fc.nat({ max: 255 })
  const address = fc
    .tuple(fc.constantFrom(10, 93, 127, 172, 192, 8, 224), byte, byte, byte, fc.nat({ max: 65_535 }))
    .map(([a, b, c, d, port]) => at(`/ip4/${a}.${b}.${c}.${d}/tcp/${port}`))
  fc.assert(
    fc.property(fc.array(address, { maxLength: 60 }), (given) => {
      const origins = publicOrigins(given)
      expect(origins.length).toBeLessThanOrEqual(20)
      expect(new Set(origins).size).toBe(origins.length)
      for (const origin of origins) {
        expect(given).toContain(origin)
        expect(origin).not.toMatch(/^\/ip4\/(10|127|192\.168|172\.(1[6-9]|2\d|3[01])|224)\./)
      }
    }),
  )
})
