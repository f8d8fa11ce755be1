import { Cids } from '../../test/sandbox/identity.ts'
import type { NewRow } from '../../test/sandbox/pinning-service.ts'
import { Random } from '../../test/sandbox/random.ts'

const start = Date.parse('2020-01-01T00:00:00Z')
const years = 5 * 365 * 86_400
/** How many requests share their second with a neighbour. */
const sharing = 0.3

/** Pin requests as they come in over five years; the same ones each time. */
export function* requestsOf(count: number): Generator<NewRow> {
  const cids = new Cids(1)
  const random = new Random(2)
  const fraction = () => random.uint32() / 2 ** 32
  // Either neighbour may be the one that it is shared with.
  const sameAsLast = 1 - Math.sqrt(1 - sharing)
  let second = 0
  for (let n = 0; n < count; n++) {
    const pause = -Math.log(1 - fraction()) * (years / count)
    if (fraction() >= sameAsLast) second += Math.ceil(pause)
    yield { cid: cids.next(), created: new Date(start + second * 1000) }
  }
}
