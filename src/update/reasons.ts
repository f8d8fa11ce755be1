/** Why something is so of some CIDs: how many, and the first few reasons; there may be a million. */
export class Reasons {
  count = 0
  readonly first: string[] = []

  add(reason: string): void {
    this.count++
    if (this.first.length < mostKept) this.first.push(reason)
  }
}

const mostKept = 3
