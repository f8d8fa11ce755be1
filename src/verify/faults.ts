import type { Why } from '../domain/reasons/classes.ts'
import type { WholeRead } from '../node/node.ts'

/** What is wrong with a pin. */
export interface Fault extends Why {
  readonly class: 'missing-block' | 'corrupt-block' | 'unread'
}

/** @param why it could not be mended */
export function missingOn(block: string | null, why: string): Fault {
  return { class: 'missing-block', reason: `${which(block)} is missing on the node: ${why}` }
}

export function corruptOn({ block, words }: WholeRead & { readonly how: 'corrupt' }): Fault {
  const reason =
    block === null
      ? `a block of it cannot be read on the node: ${words}`
      : `its block ${block} is corrupt on the node: its bytes are not those of its CID`
  return { class: 'corrupt-block', reason }
}

export function silentOver(ms: number): Fault {
  return { class: 'unread', reason: `the node did not read it to its end: nothing came for ${ms / 1000} s` }
}

function which(block: string | null): string {
  return block === null ? 'a block of it' : `its block ${block}`
}
