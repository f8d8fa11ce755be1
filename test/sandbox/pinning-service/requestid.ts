import { Random } from '../random.ts'

/** A new requestid in Filebase's form: base64 of its asset's number. Numbers say nothing about order. */
export function opaqueIds(seed: number): () => string {
  const random = new Random(seed)
  let serial = 0
  return () => {
    const asset = random.uint32() * 2 ** 20 + serial++
    return Buffer.from(`gid://filebase/Asset/${asset}`).toString('base64url')
  }
}
