import { createHash, hash } from 'node:crypto'
import { type Kind, kinds } from './tracked.ts'

/** `KIND ID`: what is told by name. An ID may be any text from outside. */
export function keyOf(kind: Kind, id: string): string {
  return `${kind} ${shownId(id)}`
}

/** As much of an ID as is told. */
export function shownId(id: string): string {
  return id.slice(0, 200).toWellFormed()
}

export function kindOf(key: string): Kind {
  return kinds.find((kind) => key.startsWith(`${kind} `)) ?? 'request'
}

export function idOf(key: string): string {
  return key.slice(kindOf(key).length + 1)
}

/** Those of one kind. */
export function idsOf(keys: readonly string[], kind: Kind): string[] {
  return keys.filter((key) => kindOf(key) === kind).map(idOf)
}

/** How many there are of each kind. */
export function countsOf(keys: readonly string[]): Record<Kind, number> {
  const counts = { delegate: 0, request: 0, doubt: 0, peer: 0, bucket: 0 }
  for (const key of keys) counts[kindOf(key)]++
  return counts
}

export function difference(from: readonly string[], without: readonly string[]): string[] {
  const known = new Set(without)
  return [...new Set(from)].filter((key) => !known.has(key))
}

/** Of few, in order. */
export function digestOfList(keys: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(keys)).digest('hex').slice(0, digits)
}

/** Of many: the sum of what each adds to it, so that it does not depend on their order. */
export function digestOfSum(sum: bigint): string {
  return sum.toString(16).padStart(digits, '0')
}

/** @param key that is not in it yet */
export function sumWith(sum: bigint, key: string): bigint {
  return BigInt.asUintN(4 * digits, sum + BigInt(`0x${hash('sha256', key).slice(0, digits)}`))
}

/** Hexadecimal ones. */
const digits = 32
