import type { Problem } from '../domain/problem.ts'
import { NodeError, problemOf } from '../errors.ts'
import type { RunTime } from '../run-time.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import { type BucketTrouble, bucketProblems, troubleOf } from './bucket-trouble.ts'
import type { BothSides } from './list-both-sides.ts'
import type { ListedBucket } from './list-service.ts'
import { invalidCids } from './problems.ts'

/**
 * What could not be listed on either side. Where the time limit or a cancel cut a listing short, that is no error,
 * unless the time was over before the first answer.
 * @param isHosted the runner is one of GitHub's
 */
export function troubleIn(
  { buckets, identity, nodeError, hasNodeAnswered, account }: BothSides,
  time: RunTime,
  isHosted: boolean,
): { readonly problems: readonly Problem[]; readonly isCutShort: boolean } {
  const troubles = buckets.flatMap(
    (bucket) =>
      (time.isCutShort(bucket.error) ? silenceOf(bucket.client, time) : listingTrouble(bucket)) ?? [],
  )
  const problems = [...bucketProblems(troubles, buckets.length), ...buckets.flatMap(invalidCids)]
  if (identity === undefined && !time.isCutShort(nodeError)) problems.push(nodeTrouble(nodeError, isHosted))
  else if (!hasNodeAnswered && !time.wasCancelled)
    problems.push({
      where: 'node',
      message: silence('node-url'),
      short: 'the node did not answer in time',
      todo: 'Check `node-url`',
      isError: true,
    })
  const isCutShort = [nodeError, ...buckets.map(({ error }) => error)].some((error) => time.isCutShort(error))
  return { problems: [...problems, ...account.problems], isCutShort }
}

/**
 * Why a bucket makes the run an error when its time is over; `undefined` where the service has answered, or the run
 * was cancelled.
 */
export function silenceOf(client: BucketClient, time: RunTime): BucketTrouble | undefined {
  if (client.hasAnswered || time.wasCancelled) return undefined
  const check = 'Check `endpoint`'
  return {
    name: client.bucket,
    cause: 'silence',
    why: ['no answer came in time', 'no answer came in time'],
    message: silence('endpoint'),
    todo: [check, check],
  }
}

function silence(input: string): string {
  return `no answer came before the time of the run was over (time-limit). Check \`${input}\`, and that this runner can reach it`
}

/** Why a bucket's listing makes the run an `error`; `undefined` where it does not. */
export function listingTrouble({ name, client, result, error }: ListedBucket): BucketTrouble | undefined {
  if (result === undefined) return troubleOf(name, error, client)
  if (result.complete) return undefined
  // A service that can never prove a listing is not blamed for it, unless requests went missing.
  if (result.unprovable && result.vanished === 0) return undefined
  const why = 'its listing is not proved complete'
  const message = `the listing is not proved complete: ${result.notes.join('; ')}`
  return { name, cause: message, why: [why, 'their listings are not proved complete'], message }
}

function nodeTrouble(error: unknown, isHosted: boolean): Problem {
  const problem = problemOf('node', error)
  if (!isHosted || !(error instanceof NodeError) || error.fault !== 'unreachable') return problem
  const advice =
    'This job runs on a runner of GitHub, where no IPFS node is: set `runs-on: self-hosted`, for a runner on the box with the node'
  return {
    ...problem,
    message: `${advice} (${problem.message})`,
    short: 'a runner of GitHub has no IPFS node',
    todo: 'Set `runs-on: self-hosted`',
  }
}
