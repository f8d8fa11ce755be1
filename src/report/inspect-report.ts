import type { Status } from '../domain/pin.ts'
import type { HowPinned, LocalSize, Providers } from '../node/node.ts'

/** What the service and the node know of one string that was given as a CID. */
export interface InspectReport {
  /** As it was given. */
  readonly cid: string
  /** `false`: it is no CID, and nobody was asked. */
  readonly valid: boolean
  /** `null` where the node was not asked or did not answer. */
  readonly node: InspectedNode | null
  /** Its requests in every bucket that answered, the newest of each bucket first. */
  readonly service: readonly InspectedRequest[]
  /** Buckets that did not answer: what they have of it is not known. */
  readonly unanswered: readonly string[]
  /** Buckets that have more requests of it than one answer holds: the newest are here. */
  readonly cut: readonly string[]
  /** The peers that the requests' delegates name, and the known ones. */
  readonly delegates: readonly InspectedDelegate[]
}

export interface InspectedNode {
  readonly pinned: HowPinned
  /** `null` where nodes of this kind can't tell. */
  readonly size: LocalSize | null
  /** `null` where nodes of this kind can't search. */
  readonly providers: Providers | null
}

export interface InspectedRequest {
  readonly bucket: string
  readonly requestid: string
  readonly status: Status
  /** RFC 3339 */
  readonly created: string
  /** As the service has it: another form than the one that was given may be the one that is pinned. */
  readonly cid: string
  readonly name: string | null
  readonly meta: Readonly<Record<string, string>> | null
  /** Multiaddrs, as the service gave them. */
  readonly delegates: readonly string[]
  /** Why it failed, in the service's words. */
  readonly reason: string | null
}

export interface InspectedDelegate {
  readonly peerId: string
  /** Whether the input `delegates` has it. */
  readonly known: boolean
  /** Whether the node is connected to it; `null` where the node did not say. */
  readonly connected: boolean | null
}
