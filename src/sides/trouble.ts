import type { Problem } from '../domain/problem.ts'
import {
  BadAnswerError,
  DeadlineError,
  NoAnswerError,
  NodeError,
  problemOf,
  ServiceError,
} from '../errors.ts'
import type { RunTime } from '../run-time.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import type { BothSides } from './list-both-sides.ts'
import type { ListedBucket } from './list-service.ts'
import { invalidCids } from './problems.ts'

/**
 * What could not be listed on either side. Where the time limit or a cancel cut a listing short, that is no error,
 * unless the time was over before the first answer.
 * @param isHosted the runner is one of GitHub's
 */
export function troubleIn(
  { buckets, identity, nodeError, hasNodeAnswered }: BothSides,
  time: RunTime,
  isHosted: boolean,
): { readonly problems: readonly Problem[]; readonly isCutShort: boolean } {
  const problems: Problem[] = []
  for (const bucket of buckets) {
    const isCut = time.isCutShort(bucket.error)
    const error = isCut ? silenceOf(bucket.client, time) : listingError(bucket)
    if (error !== undefined) problems.push(error)
    for (const warning of invalidCids(bucket)) problems.push(warning)
  }
  if (identity === undefined && !time.isCutShort(nodeError)) problems.push(nodeTrouble(nodeError, isHosted))
  else if (!hasNodeAnswered && !time.wasCancelled) problems.push(silence('node', 'node-url'))
  const isCutShort = [nodeError, ...buckets.map(({ error }) => error)].some((error) => time.isCutShort(error))
  return { problems, isCutShort }
}

/**
 * Why a bucket makes the run an error when its time is over; `undefined` where the service has answered, or the run
 * was cancelled.
 */
export function silenceOf(client: BucketClient, time: RunTime): Problem | undefined {
  const isSilent = !client.hasAnswered && !time.wasCancelled
  return isSilent ? silence(`bucket ${client.bucket}`, 'endpoint') : undefined
}

function silence(where: string, input: string): Problem {
  const message = `no answer came before the time of the run was over (time-limit). Check \`${input}\`, and that this runner can reach it`
  return { where, message, isError: true }
}

/** Why a bucket's listing makes the run an `error`; `undefined` where it does not. */
export function listingError({ name, client, result, error }: ListedBucket): Problem | undefined {
  const where = `bucket ${name}`
  if (result === undefined) return { where, message: messageOf(error, client.hasAnswered), isError: true }
  if (result.complete) return undefined
  // A service that can never prove a listing is not blamed for it, unless requests went missing.
  if (result.unprovable && result.vanished === 0) return undefined
  return { where, message: `the listing is not proved complete: ${result.notes.join('; ')}`, isError: true }
}

function nodeTrouble(error: unknown, isHosted: boolean): Problem {
  const problem = problemOf('node', error)
  if (!isHosted || !(error instanceof NodeError) || error.fault !== 'unreachable') return problem
  const advice =
    'This job runs on a runner of GitHub, where no IPFS node is: set `runs-on: self-hosted`, for a runner on the box with the node'
  return { ...problem, message: `${advice} (${problem.message})` }
}

/** @param hasAnswered the endpoint has shown that it is one */
function messageOf(error: unknown, hasAnswered: boolean): string {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof NoAnswerError || error instanceof DeadlineError)
    return `${message}. Check \`endpoint\`, and that this runner can reach it`
  const isForeign = error instanceof BadAnswerError || (error instanceof ServiceError && error.status === 404)
  if (isForeign && !hasAnswered)
    return `${message}. Check \`endpoint\`: Filebase’s is https://api.filebase.io/v1/ipfs`
  if (error instanceof ServiceError && error.status >= 500)
    return `${message}. It was asked several times; the next run tries again`
  return message
}
