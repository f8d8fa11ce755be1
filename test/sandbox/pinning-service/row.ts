import type { Status } from '../../../src/domain/pin.ts'

/** A pin request as the service keeps it. */
export interface PinRow {
  readonly requestid: string
  readonly cid: string
  readonly name: string | undefined
  readonly status: Status
  /** In ms since the epoch, as fine as the service keeps it. */
  readonly created: number
  readonly origins: readonly string[]
  readonly meta: Readonly<Record<string, string>>
  /** Why it failed; shown while it is `failed`. */
  readonly reason: string | undefined
  /** Bytes, where they are others than the service's manner says. */
  readonly size: string | undefined
  /** Orders rows of one instant: random, so that no order of ids can be relied on, and never the same twice. */
  readonly tie: number
}

/** What a test gives of a row. Defaults: `pinned`, now, no name, and a new requestid in the service's manner. */
export interface NewRow {
  readonly cid: string
  readonly name?: string | undefined
  readonly status?: Status
  /** A date in any form, or ms since the epoch. */
  readonly created?: number | string | Date
  readonly requestid?: string
  readonly origins?: readonly string[]
  readonly meta?: Readonly<Record<string, string>>
  readonly reason?: string
  readonly size?: number | string
}
