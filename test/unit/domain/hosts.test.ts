import { expect, test } from 'vitest'
import { isPublicAddress, isPublicName } from '../../../src/domain/hosts.ts'

test.each([
  'example.org',
  'EXAMPLE.ORG',
  'example.org.',
  'a.b.c.io',
  '1.example.io',
  'a.xn--p1ai',
  'local.io',
  '_dnsaddr.example.org',
])('a name may lead to the Internet: %s', (name) => {
  expect(isPublicName(name)).toBe(true)
})

test.each([
  '',
  '.',
  'io',
  'io.',
  'a..io',
  '.a.io',
  'a.io..',
  '1.2.3.4',
  'a.123',
  'box.local',
  'Box.Local.',
  'local',
  '127.0.0.1\0.example.org',
  'example.localhost。',
  'example。localhost.org',
  'example.org/x',
])('a name leads nowhere on the Internet: %j', (name) => {
  expect(isPublicName(name)).toBe(false)
})

test.each([
  ['8.8.8.8', true],
  ['2606:4700::1', true],
  ['3ffe:ffff::1', true],
  ['::ffff:8.8.8.8', false],
  ['1fff::1', false],
  ['4000::1', false],
  ['2001:db8::1', false],
  ['8.8.8', false],
])('%s is an address of the Internet: %s', (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic)
})
