import type { Direction } from '../config/types.ts'
import { day } from '../domain/moment.ts'
import type { Problem } from '../domain/problem.ts'
import type { LargeDrop } from '../listing/list-bucket.ts'
import { count, number } from '../text/numbers.ts'
import { dayAndTime } from '../text/times.ts'
import type { ListedBucket } from './list-service.ts'

/**
 * @param since when it was first seen, ms
 * @param isNew the node lists what every new Kubo repository pins
 */
export function emptyNode(pinsBefore: number, since: number, isNew: boolean): Problem {
  const none = `no pins${isNew ? ' but the one of every new repository' : ''}`
  return {
    isError: false,
    where: 'node',
    short: `the node lists no pins, and had ${pinsBefore} before`,
    todo: 'Check that this is the right node, with its repository',
    message: `the node lists ${none}, and had ${pinsBefore} before. Is it another node, or is its repository not mounted? Then correct \`node-url\`, or mount it, before ${at(since + day)}: the first run after that which finds it as empty pins all that the service has, and so fetches it again, which the service may bill. Is it empty on purpose? Then confirm it with a run by hand (\`workflow_dispatch\`) with \`full-listing: true\`. Until then nothing is pinned`,
  }
}

/** An instant in ms, to the minute. */
const at = (ms: number) => `${dayAndTime(new Date(ms).toISOString())} UTC`

/** Requests that vanished in a drop too large to be believed at once. */
export function largeDrops(buckets: readonly ListedBucket[], direction: Direction): Problem[] {
  // What it comes to on each side.
  const effect =
    direction === 'backup'
      ? 'Nothing is unpinned then: the node keeps what it has of them, and what it lacks is not fetched any more'
      : 'Nothing is unpinned then, but an update sends what the node has of them to the service again, and pays for it: `ignore` keeps it from that for single CIDs, `direction: backup` for all'
  return buckets.flatMap(({ name, result }) => {
    if (result === undefined || result.drops.length === 0) return []
    const { drops } = result
    const vanished = drops.reduce((sum, drop) => sum + drop.vanished, 0)
    const seen = listed(drops, (drop) => `first seen on ${at(drop.at)}`)
    const believed = listed(drops, (drop) => `after ${at(drop.at + day)}`)
    return [
      {
        isError: false,
        where: `bucket ${name}`,
        short: `${count(vanished, 'request')} of \`${name}\` vanished at once`,
        todo: `Find out whether somebody deleted requests of \`${name}\``,
        message: `${count(vanished, 'request')} of bucket ${name} vanished at once, ${seen}. If somebody deleted them, confirm it with a run by hand (\`workflow_dispatch\`) with \`full-listing: true\`, or let the mirror go on. If nobody did, have the service bring them back: the first run ${believed} that still misses them takes them for deleted. ${effect}`,
      },
    ]
  })
}

/** What is said of each of some drops, with how many vanished in it where there are several. */
function listed(drops: readonly LargeDrop[], said: (drop: LargeDrop) => string): string {
  if (drops.length === 1) return drops.map(said).join()
  return drops.map((drop) => `${said(drop)} (${number(drop.vanished)} of them)`).join(', ')
}

/** Else a bucket that was forgotten in the input, or has another name there now, would go missing unseen. */
export function leftOutBuckets(names: readonly string[], direction: Direction): Problem[] {
  const effect = {
    backup: 'it is not backed up, unless a line of another name has its token',
    update: 'what it had is not sent to another bucket',
    both: 'it is not backed up, unless a line of another name has its token, and what it had is not sent to another bucket',
  }[direction]
  return names.map((name) => ({
    isError: false,
    where: `bucket ${name}`,
    todo: `Name \`${name}\` in \`buckets\` again, or in \`ignore-buckets\``,
    message: `earlier runs listed it, and \`buckets\` does not name it now: ${effect}. If that is meant, or it goes by another name now, add this one to \`ignore-buckets\``,
  }))
}

export function invalidCids({ name, figures }: ListedBucket): Problem[] {
  const [first] = figures.invalid
  if (first === undefined) return []
  const { requestid, cid } = first
  const message = `${figures.invalidCount} requests have a CID that does not parse, such as ${requestid}: ${cid}. They are left alone`
  return [{ isError: false, where: `bucket ${name}`, message }]
}
