import type { CidKey } from './cid.ts'
import { CidMarks } from './cid-marks.ts'
import { emptyDirectory } from './empty-directory.ts'
import { asV0, onNode } from './marks.ts'

/** The node's recursive pins, as its list brings them: packed, since there may be a million. */
export class NodePins {
  readonly marks = new CidMarks()
  /** By place in `marks`, where there is one. */
  readonly names: string[] = []
  /** Distinct CIDs. */
  size = 0

  add(key: CidKey, pin: { readonly isV0: boolean; readonly name: string | null }): void {
    const known = this.marks.get(key)
    if (known === 0) this.size++
    const place = this.marks.set(key, known | onNode | (pin.isV0 ? asV0 : 0))
    if (pin.name !== null) this.names[place] = pin.name
  }

  /** How many of them are nobody's content: the empty directory, which every new Kubo repository pins. */
  get nobodys(): number {
    return emptyDirectory !== undefined && (this.marks.get(emptyDirectory) & onNode) !== 0 ? 1 : 0
  }
}
