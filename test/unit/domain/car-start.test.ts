import { expect, test } from 'vitest'
import { CarStart } from '../../../src/domain/car-start.ts'

const header = Buffer.from('3aa265726f6f747381d82a58250001', 'hex')
const longHeader = Buffer.from('8a01a265726f6f747381d82a', 'hex')

function startOf(...pieces: readonly Uint8Array[]): boolean | undefined {
  const start = new CarStart()
  for (const piece of pieces) start.add(piece)
  return start.isCar
}

test.each<[string, readonly Uint8Array[], boolean | undefined]>([
  ['a header', [header], true],
  ['a header whose length takes two bytes', [longHeader], true],
  ['a header byte by byte', [...header].map((byte) => Uint8Array.of(byte)), true],
  ['nothing', [], undefined],
  ['its first bytes', [header.subarray(0, 5)], undefined],
  ['HTML', [Buffer.from('<!doctype html>')], false],
  ['JSON', [Buffer.from('{"roots":[]}')], false],
  ['roots too late', [Buffer.concat([Buffer.from('ab'), header])], false],
  ['roots at once', [header.subarray(1)], false],
])('%s', (_what, pieces, isCar) => {
  expect(startOf(...pieces)).toBe(isCar)
})
