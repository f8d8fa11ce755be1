import type { CidKey, PinCid } from './cid.ts'

/**
 * What one side lacks, in the order in which it is to be done. Each is made when it is asked for, from what the
 * snapshot and the comparison keep packed: as objects, a million take gigabytes.
 */
export interface Agenda<T extends { readonly cid: PinCid }> {
  readonly length: number
  /** @param index from 0 */
  at(index: number): T
  /** The same as `at(index).cid.key`, for less. */
  keyAt(index: number): CidKey
}
