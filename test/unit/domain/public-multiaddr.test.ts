import { describe, expect, test } from 'vitest'
import { isPrivateAddress, isPublicAddress } from '../../../src/domain/hosts.ts'
import { isPublicMultiaddr } from '../../../src/domain/public-multiaddr.ts'

const peer = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const relay = '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM'

describe('a multiaddr', () => {
  test.each([
    '/ip4/93.184.216.34/tcp/4001',
    '/ip6/2606:4700::1/udp/4001/quic-v1',
    '/dns4/ipfs-pin-0.vin1.filebase.io/tcp/4001',
    '/dnsaddr/bootstrap.libp2p.io',
    '/dns4/one.example.org/tcp/443/tls/sni/two.example.org/ws',
    `/ip4/93.184.216.34/tcp/4001/p2p/${relay}/p2p-circuit`,
    `/p2p/${relay}/p2p-circuit`,
    '',
  ])('is of the Internet: %s', (place) => {
    expect(isPublicMultiaddr(`${place}/p2p/${peer}`)).toBe(true)
  })

  test.each([
    '/ip4/169.254.169.254/tcp/80',
    '/ip4/127.0.0.1/tcp/22',
    '/ip4/10.0.0.1/tcp/445',
    '/ip4/0.0.0.0/tcp/4001',
    '/ip4/100.100.100.200/tcp/80',
    '/ip6/::1/tcp/22',
    '/ip6/::ffff:10.0.0.1/tcp/445',
    '/ip6/::ffff:93.184.216.34/tcp/4001',
    '/ip6/64:ff9b::a9fe:a9fe/tcp/80',
    '/ip6zone/eth0/ip6/fe80::1/tcp/4001',
    '/dns4/localhost/tcp/22',
    '/dns/router.lan/tcp/80',
    '/dnsaddr/nas',
    '/dns4/10.0.0.1/tcp/445',
    '/dns4/one.example.org/tcp/443/tls/sni/box.local/ws',
    `/ip4/10.0.0.1/tcp/4001/p2p/${relay}/p2p-circuit`,
    '/unix/run%2fdocker.sock',
    '/ip4/93.184.216.345/tcp/4001',
    '/new/protocol',
    '/memory/4',
    '/ip4/93.184.216.34/ipcidr/8/tcp/4001',
    '/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234',
  ])('leads elsewhere, or does not parse: %s', (place) => {
    expect(isPublicMultiaddr(`${place}/p2p/${peer}`)).toBe(false)
  })
})

describe('an address', () => {
  test.each([
    '127.0.0.1',
    '10.0.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.1.1',
    '::1',
    'fd00::1',
    'fe80::1',
    '::ffff:192.168.1.1',
  ])('is private: %s', (address) => {
    expect(isPrivateAddress(address)).toBe(true)
    expect(isPublicAddress(address)).toBe(false)
  })

  test.each([
    '0.0.0.0',
    '224.0.0.1',
    '203.0.113.5',
    '192.0.0.8',
    '255.255.255.255',
    '2001:db8::1',
    '::',
    '4000::1',
  ])('is neither private nor public: %s', (address) => {
    expect(isPrivateAddress(address)).toBe(false)
    expect(isPublicAddress(address)).toBe(false)
  })

  test.each(['', 'localhost', '10.1', '0x7f.1', '2130706433', '010.0.0.1', '127.0.0.1:80'])(
    'is none in %j, which some programs read as one',
    (text) => {
      expect(isPrivateAddress(text)).toBe(false)
      expect(isPublicAddress(text)).toBe(false)
    },
  )
})
