import type { ListingResult } from '../../../src/listing/list-bucket.ts'

/** A later listing that found nothing new, and proved it. */
export const proved: ListingResult = {
  mode: 'incremental',
  complete: true,
  unprovable: false,
  added: 0,
  removed: 0,
  changed: 0,
  vanished: 0,
  drops: [],
  notes: [],
  odd: [],
}
