type Numbers =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>

/** The list itself where it has room for an index, else a longer copy; what is new in it is 0. */
export function grown<T extends Numbers>(list: T, index: number): T {
  if (index < list.length) return list
  const Kind = list.constructor as new (length: number) => T
  const longer = new Kind(Math.max(index + 1, list.length * 2))
  longer.set(list)
  return longer
}
