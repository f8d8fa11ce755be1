import type { CidKind } from '../sandbox/identity.ts'
import { nowhere, startKubo } from '../sandbox/kubo.ts'
import type { File } from './content.ts'

/** The demo's IPFS node: the sandbox's, or a real one. */
export interface DemoNode extends AsyncDisposable {
  /** In words, for the reader. */
  readonly is: string
  readonly url: string
  /** Of CIDs that it can pin without a network. */
  readonly kind: CidKind
  /** Pins as if it had always been so. */
  pin(cids: readonly string[]): Promise<void>
  /** Makes CIDs ones that nobody has. */
  lose(cids: readonly string[]): void
  /** Makes CIDs slow to get; a real node that is offline gets all at once. */
  slowDown(cids: readonly string[]): void
  /** Lets a file be had from now on. */
  offer(file: File): Promise<void>
}

/** The node of the sandbox: fetching takes it a while, and it says how far it is. */
export async function sandboxNode(): Promise<DemoNode> {
  const kubo = await startKubo({ otherwise: { blocks: 3, msPerBlock: 140 } })
  return {
    is: 'a Kubo node (of the sandbox)',
    url: kubo.url,
    kind: 'dag-pb',
    async pin(cids) {
      for (const cid of cids) kubo.pin(cid)
    },
    lose(cids) {
      for (const cid of cids) kubo.setContent(cid, nowhere)
    },
    slowDown(cids) {
      for (const cid of cids) kubo.setContent(cid, { blocks: 14, msPerBlock: 450 })
    },
    async offer({ cid }) {
      kubo.setContent(cid, {})
    },
    [Symbol.asyncDispose]: () => kubo[Symbol.asyncDispose](),
  }
}
