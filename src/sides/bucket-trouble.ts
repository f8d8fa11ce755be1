import type { Problem } from '../domain/problem.ts'
import { BadAnswerError, DeadlineError, messageOf, NoAnswerError, ServiceError } from '../errors.ts'

/** Why a bucket could not be listed, or looked at. */
export interface BucketTrouble {
  readonly name: string
  /** What is the same for all that fail alike. */
  readonly cause: string
  /** Behind "… could not be listed: ", of one bucket and of several. */
  readonly why: readonly [string, string]
  readonly message: string
  /** What a person has to do, of one bucket and of several. */
  readonly todo?: readonly [string, string]
}

/**
 * @param hasAnswered the endpoint has shown that it is one
 * @param isOfKeys its token was made of its name and the account's keys
 */
export function troubleOf(
  name: string,
  error: unknown,
  { hasAnswered, isOfKeys = false }: { readonly hasAnswered: boolean; readonly isOfKeys?: boolean },
): BucketTrouble {
  const message = messageOf(error)
  if (error instanceof NoAnswerError || error instanceof DeadlineError) {
    const lack = error instanceof NoAnswerError ? error.code : `${error.waitedMs}`
    return {
      name,
      cause: `${error.name} ${lack}`,
      why: alike(
        error instanceof NoAnswerError ? 'the service cannot be reached' : 'the service does not answer',
      ),
      message: `${message}. Check \`endpoint\`, and that this runner can reach it`,
      todo: alike('Check that this runner can reach `endpoint`'),
    }
  }
  const isForeign = error instanceof BadAnswerError || (error instanceof ServiceError && error.status === 404)
  if (isForeign && !hasAnswered)
    return {
      name,
      cause: error instanceof ServiceError ? 'foreign 404' : 'foreign',
      why: alike('what answers at `endpoint` is no Pinning Service API'),
      message: `${message}. Check \`endpoint\`: Filebase’s is https://api.filebase.io/v1/ipfs`,
      todo: alike('Correct `endpoint`'),
    }
  if (error instanceof ServiceError && error.status === 401 && isOfKeys) return noSuchBucket(name, error)
  if (error instanceof ServiceError) return refused(name, error)
  if (error instanceof BadAnswerError)
    return { name, cause: `bad ${message}`, why: alike('the answer of the service cannot be read'), message }
  return { name, cause: message, why: alike('something unforeseen happened'), message }
}

/** Its token is as good as its name and the keys are. */
function noSuchBucket(name: string, { status, reason, details }: ServiceError): BucketTrouble {
  const words = [`status ${status}`, reason, details].filter((one) => one !== '').join(', ')
  return {
    name,
    cause: JSON.stringify(['keys', status, reason, details]),
    why: ['these keys have no such bucket', 'these keys have no such buckets'],
    message: `no bucket of this name for these keys (${words}): check the spelling in \`buckets\`, then \`filebase-access-key\` and \`filebase-secret-key\``,
    todo: [
      `Check the spelling of \`${name}\` in \`buckets\``,
      'Check their spelling in `buckets`, then both keys',
    ],
  }
}

function refused(name: string, { status, reason, details, message }: ServiceError): BucketTrouble {
  const about = { name, cause: JSON.stringify([status, reason, details]), message }
  if (status === 401)
    return {
      ...about,
      why: ['its token is refused', 'their tokens are refused'],
      message: `${message}. Copy it anew from the service’s console into the line \`${name}=\` of the secret behind \`buckets\``,
      todo: [`Renew the token of \`${name}\``, 'Renew their tokens'],
    }
  if (status === 402 || reason === 'INSUFFICIENT_FUNDS')
    return {
      ...about,
      why: alike('the funds do not suffice'),
      todo: alike('Top up the account at the service'),
    }
  if (status === 403)
    return {
      ...about,
      why: ['its token lacks the permission', 'their tokens lack the permission'],
      todo: alike('Check the plan, and the rights of the token'),
    }
  if (status >= 500)
    return {
      ...about,
      why: alike(`the service is out of order (status ${status})`),
      message: `${message}. It was asked several times; the next run tries again`,
    }
  return { ...about, why: alike(`the service refuses (status ${status})`) }
}

const alike = (words: string) => [words, words] as const

/** So many buckets are named. */
const mostNamed = 10

/**
 * One cause is one problem, however many buckets it keeps from being listed.
 * @param total how many buckets there are
 * @param done what could not be done with them
 */
export function bucketProblems(
  troubles: readonly BucketTrouble[],
  total: number,
  done: 'listed' | 'asked' = 'listed',
): Problem[] {
  return [...Map.groupBy(troubles, ({ cause }) => cause).values()].map((alike) => {
    const [{ why, message, todo }] = alike as [BucketTrouble]
    const isOne = alike.length === 1
    const form = isOne ? 0 : 1
    const names = alike.map((one) => one.name)
    return {
      where: whereOf(names, total),
      message,
      short: `${whichCould(names, total)} be ${done}: ${why[form]}`,
      ...(todo !== undefined && { todo: todo[form] }),
      isError: true,
    }
  })
}

function whichCould([name, ...others]: readonly string[], total: number): string {
  if (others.length === 0) return `\`${name}\` could not`
  if (others.length + 1 < total) return `${others.length + 1} of ${total} buckets could not`
  return total === 2 ? 'neither bucket could' : `none of the ${total} buckets could`
}

function whereOf(names: readonly string[], total: number): string {
  if (names.length === 1) return `bucket ${names[0]}`
  if (names.length === total) return total === 2 ? 'both buckets' : `all ${total} buckets`
  const left = names.length - mostNamed
  const some = names.slice(0, mostNamed).join(', ')
  return `${names.length} buckets (${some}${left > 0 ? `, and ${left} more` : ''})`
}
