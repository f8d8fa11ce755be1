import type { Direction } from '../config/types.ts'
import type { Problem } from '../domain/problem.ts'
import { count } from '../text/numbers.ts'
import type { ListedBucket } from './list-service.ts'

export function emptyNode(pinsBefore: number): Problem {
  return {
    isError: false,
    where: 'node',
    todo: 'Check that this is the right node, with its repository',
    message: `the node lists no pins, and had ${pinsBefore} in the last run: nothing is pinned before a run a day later sees the same, or a run by hand (\`workflow_dispatch\`) with \`full-listing: true\` does. Check that \`node-url\` leads to the right node and that its repository is mounted`,
  }
}

/** Requests that vanished in a drop too large to be believed at once. */
export function largeDrops(buckets: readonly ListedBucket[]): Problem[] {
  return buckets.flatMap(({ name, result }) => {
    if (result === undefined || result.droppedAt === null) return []
    const { vanished, droppedAt } = result
    return [
      {
        isError: false,
        where: `bucket ${name}`,
        todo: `Say whether requests of \`${name}\` were deleted`,
        message: `${count(vanished, 'request')} of bucket ${name} vanished at once, seen first on ${new Date(droppedAt).toISOString()}. They are not taken for deleted, and an update does not send their CIDs, before a run a day later sees the same. If somebody deleted them, confirm it at once by a run by hand (\`workflow_dispatch\`) with \`full-listing: true\`; if nobody did, ask the service`,
      },
    ]
  })
}

/** Else a bucket that was forgotten in the input, or has another name there now, would go missing unseen. */
export function leftOutBuckets(names: readonly string[], direction: Direction): Problem[] {
  const effect = {
    backup: 'it is not backed up',
    update: 'what it had is not sent to another bucket',
    both: 'it is not backed up, and what it had is not sent to another bucket',
  }[direction]
  return names.map((name) => ({
    isError: false,
    where: `bucket ${name}`,
    todo: `Name \`${name}\` in \`buckets\` again, if it was left out by mistake`,
    message: `earlier runs listed it, and \`buckets\` does not name it now: ${effect}. If that is meant, give the job another \`cache-key\` to start afresh without it`,
  }))
}

export function invalidCids({ name, requests }: ListedBucket): Problem[] {
  const [first] = requests.overview.invalid(1)
  if (first === undefined) return []
  const { requestid, cid } = first
  const message = `${requests.overview.invalidCount()} requests have a CID that does not parse, such as ${requestid}: ${cid}. They are left alone`
  return [{ isError: false, where: `bucket ${name}`, message }]
}
