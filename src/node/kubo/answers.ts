import { z } from 'zod'
import { longestPeerId } from '../../domain/delegate-bounds.ts'
import type { Reachability } from '../../domain/reachability.ts'

/** What Kubo's RPC answers, as far as it is read (Kubo 0.42 and 0.43). */

/** `Addresses` is `null` offline. */
export const identity = z.object({
  ID: z.string().min(1).max(longestPeerId),
  Addresses: z.array(z.string()).nullish(),
})

export const version = z.object({ Version: z.string().max(200) })

const statuses = { Public: 'public', Private: 'private', Unknown: 'unknown' } as const

/** `swarm/addrs/autonat`: lists are left out where they are empty, and a word that is new says nothing. */
export const autonat = z
  .object({
    reachability: z.enum(['Public', 'Private', 'Unknown']).catch('Unknown'),
    nat: z.enum(['cgnat', 'double-nat']).nullable().catch(null),
    reachable: z.array(z.string()).default([]),
    unreachable: z.array(z.string()).default([]),
  })
  .transform(({ reachability, ...rest }): Reachability => ({ status: statuses[reachability], ...rest }))

/** A line of `pin/ls` with `stream=true`; `Name` only with `names=true`, and only where there is one. */
export const streamedPin = z.object({ Cid: z.string().min(1), Name: z.string().optional() })

/** `pin/ls` of one CID that is pinned; that one is not is an error of its own, never an empty answer. */
export const foundPins = z.object({
  Keys: z
    .record(z.string(), z.object({ Type: z.string(), Name: z.string().optional() }))
    .refine((keys) => Object.keys(keys).length > 0),
})

/** A line of `refs`: a block's CID, or why it could not be read. */
export const foundBlock = z.object({ Ref: z.string(), Err: z.string() })

/** A line of `dag/stat` with `progress=true`: the count so far, and at last the whole one, which alone has a ratio. */
export const dagCount = z.object({
  Ratio: z.number().optional(),
  DagStats: z.tuple([z.object({ Size: z.number(), NumBlocks: z.number() })]),
})

/** A line of `routing/findprovs`: what happens in the search, of which a `Type` 4 names providers. */
export const routingEvent = z.object({
  Type: z.number(),
  /** Whom the event concerns; empty where it is the search itself. */
  ID: z.string(),
  Extra: z.string().nullish(),
  Responses: z.array(z.object({ ID: z.string().min(1), Addrs: z.array(z.string()).nullish() })).nullish(),
})

/** A line of `pin/add` with `progress=true`: numbers, `{}` while both are 0, and at last the pinned CIDs. */
export const pinLine = z.object({
  Progress: z.number().optional(),
  Bytes: z.number().optional(),
  Pins: z.array(z.string()).optional(),
})

/** `null` while there are none. */
export const swarmPeers = z.object({ Peers: z.array(z.object({ Peer: z.string() })).nullable() })

export const peeringDone = z.object({ ID: z.string(), Status: z.literal('success') })

/** An `ID` is empty where the config has an entry without one. */
export const peeredPeers = z.object({
  Peers: z.array(z.object({ ID: z.string(), Addrs: z.array(z.string()).nullish() })).nullable(),
})

/** `Peering.Peers` as it stands in the config file: `null` where it was never set. */
export const peeringConfig = z.object({
  Key: z.literal('Peering.Peers'),
  Value: z.array(z.unknown()).nullable(),
})

/** `repo/stat` with `size-only`; numbers that JavaScript cannot hold are those of no limit. */
export const repoSize = z.object({ RepoSize: z.number().min(0), StorageMax: z.number().min(0) })

/** `diag/sys`, as far as it tells of the disk. */
export const systemInfo = z.object({
  diskinfo: z.object({ free_space: z.number().min(0), total_space: z.number().min(0) }),
})

/** As long as an error's body may be: what is longer is cut there, and no pattern that is looked for in it is deep. */
const longestMessage = 64 * 1024
const errorBody = z.object({ Message: z.string().min(1) })

/** Kubo's own words in the body of a refused request; `undefined` where it was not Kubo that spoke. */
export function kuboMessage(body: string): string | undefined {
  try {
    return errorBody.parse(JSON.parse(body)).Message.slice(0, longestMessage)
  } catch {
    return undefined
  }
}
