import pMap from 'p-map'
import type { AccountCheck, AccountKeys } from '../config/types.ts'
import type { Problem } from '../domain/problem.ts'
import { messageOf, StatusError } from '../errors.ts'
import type { Http } from '../http/http.ts'
import { errorCodeOf } from './bucket-list.ts'
import { listAccountBuckets } from './s3.ts'

/** What is known of the buckets of an account besides those that are mirrored. */
interface AccountFound {
  /** Neither mirrored nor to be ignored, in the order of the alphabet. */
  readonly unmirrored: readonly string[]
  /** `false` where not every account told its buckets: there may be more. */
  readonly complete: boolean
}

export interface CheckedAccount {
  /** `null` where nobody is to be asked. */
  readonly found: AccountFound | null
  readonly problems: readonly Problem[]
}

/** Accounts that are asked at once. */
const atOnce = 4

/**
 * Finds the buckets that the account has and the mirror does not, so that none is forgotten. Whatever goes wrong is a
 * warning: the mirror does its work without.
 */
export async function checkAccount(
  check: AccountCheck | undefined,
  { http, signal }: { readonly http: Http; readonly signal: AbortSignal },
): Promise<CheckedAccount> {
  if (check === undefined) return { found: null, problems: [] }
  const { endpoint, accounts, mirrored, ignored } = check
  const names = new Set<string>()
  const problems: Problem[] = []
  const ask = async (keys: AccountKeys) => {
    try {
      for (const name of await listAccountBuckets(keys, { http, endpoint, signal })) names.add(name)
      return true
    } catch (error) {
      // At the end of the run the next one asks.
      if (!signal.aborted) problems.push(notListed(keys, error))
      return false
    }
  }
  const answered = await pMap(accounts, ask, { concurrency: atOnce })
  for (const name of [...mirrored, ...ignored]) names.delete(name)
  return {
    found: { unmirrored: [...names].sort(), complete: answered.length > 0 && answered.every(Boolean) },
    problems,
  }
}

function notListed({ source }: AccountKeys, error: unknown): Problem {
  return {
    where: 'account',
    message: `the buckets of the account could not be listed with ${source}, so that one which \`buckets\` does not name goes unseen: ${whatToDo(error)}. All else is done without`,
    isError: false,
  }
}

function whatToDo(error: unknown): string {
  const code = error instanceof StatusError ? errorCodeOf(error.body) : undefined
  const advice = code === undefined ? undefined : adviceFor.get(code)
  if (advice !== undefined) return `S3 answers ${code}. ${advice}`
  return code === undefined ? messageOf(error) : `${messageOf(error)} (${code})`
}

const adviceFor: ReadonlyMap<string, string> = new Map([
  ['InvalidAccessKeyId', 'Check that both keys are of the account, and valid'],
  ['SignatureDoesNotMatch', 'Check that both keys belong together'],
  [
    'AccessDenied',
    'These keys may not list the buckets: give those of the account itself in `filebase-access-key` and `filebase-secret-key`, or turn `check-buckets` off',
  ],
  ['RequestTimeTooSkewed', 'Set the clock of this machine right'],
])
