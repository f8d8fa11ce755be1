import { z } from 'zod'
import { longestPeerId } from '../../domain/delegate-bounds.ts'

/** What IPFS Cluster's REST API answers, as far as it is read (1.1.6). Go writes an empty list as `null`. */

const list = z.array(z.string()).nullish()

/**
 * A peer, of `id` and of `peers`. One that does not answer the others has its ID and an `error` alone; one whose Kubo
 * does not answer has the `error` in `ipfs`.
 */
export const clusterPeer = z.object({
  id: z.string().min(1).max(longestPeerId),
  version: z.string().max(200).default(''),
  peername: z.string().default(''),
  error: z.string().default(''),
  ipfs: z.object({ addresses: list, error: z.string().default('') }).optional(),
})

/** A line of `pins`, or the whole of `pins/{cid}`. */
export const pinStatus = z.object({
  cid: z.string().min(1),
  name: z.string().default(''),
  allocations: list,
  peer_map: z.record(
    z.string(),
    z.object({
      status: z.string(),
      error: z.string().default(''),
      attempt_count: z.number().default(0),
      ipfs_peer_addresses: list,
    }),
  ),
})

/** What `POST pins/{cid}` answers: what was written down. */
export const handedOver = z.object({ cid: z.string().min(1) })

const errorBody = z.object({ code: z.number(), message: z.string() })

/** The cluster's own words in the body of a refused request; `undefined` where it was not the REST API that spoke. */
export function clusterMessage(body: string): string | undefined {
  try {
    return errorBody.parse(JSON.parse(body)).message
  } catch {
    return undefined
  }
}
