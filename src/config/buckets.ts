import { bucketOfToken } from './filebase-tokens.ts'
import type { Inputs } from './inputs.ts'
import type { Bucket, Direction } from './types.ts'

/** `buckets`: lines of `name=token`, where a token may hold `=` too. Problems name lines only: a line may be a token. */
export function readBuckets(inputs: Inputs): Bucket[] {
  const lines = inputs.lines('buckets').map(({ number, text }) => ({ number, ...split(text), text }))
  // Base64 ends in `=`, so a line with nothing else behind its first `=` may well be a token that lacks its name.
  for (const { number, name, text, token } of lines) {
    inputs.hideGiven('buckets', `in line ${number} a token`, token === '' ? text : token)
    if (bucketOfToken(name) !== undefined) inputs.hide(name)
  }

  if (lines.length === 0) inputs.problem('buckets', 'is required: one `name=token` a line.')
  const lineOfName = new Map<string, number>()
  const lineOfToken = new Map<string, number>()
  for (const { number, name, token } of lines) {
    const wrong =
      faultOf(name, token) ??
      repeats(lineOfName, name, 'name of') ??
      repeats(lineOfToken, token, 'token, so the bucket, of')
    if (wrong !== undefined) inputs.problem('buckets', `line ${number} ${wrong}.`)
    if (!lineOfName.has(name)) lineOfName.set(name, number)
    if (!lineOfToken.has(token)) lineOfToken.set(token, number)
  }
  return lines.map(({ name, token }) => ({ name, token }))
}

/** `target-bucket`: one of `buckets`; where there is only one, that one. */
export function readTargetBucket(
  inputs: Inputs,
  buckets: readonly Bucket[],
  direction: Direction,
): string | undefined {
  const given = inputs.text('target-bucket')
  if (given !== '') {
    if (!buckets.some(({ name }) => name === given))
      inputs.problem('target-bucket', `must be the name of one of \`buckets\`, not ${inputs.quote(given)}.`)
    return given
  }
  if (buckets.length > 1 && direction !== 'backup')
    inputs.problem(
      'target-bucket',
      `is required with several buckets and direction ${direction}: the name of the bucket to pin in.`,
    )
  return buckets.length === 1 ? buckets[0]?.name : undefined
}

/**
 * `matrix`: what the runner says of the job's matrix, as JSON. Jobs of a matrix that name a bucket each would buy for
 * theirs what the others have: none knows what is in the others.
 */
export function checkMatrix(inputs: Inputs, buckets: readonly Bucket[], direction: Direction): void {
  const values = new Set(textsIn(parsed(inputs.text('matrix'))))
  if (direction === 'backup' || buckets.length === 0) return
  const target = inputs.text('target-bucket')
  if (buckets.every(({ name }) => values.has(name)))
    inputs.problem(
      'buckets',
      `has only what this job's \`matrix\` names, and with direction ${direction} each job would buy for its own bucket what the others have. Name all buckets in one job, and in \`target-bucket\` the one to pin in.`,
    )
  else if (target !== '' && values.has(target))
    inputs.problem(
      'target-bucket',
      `is of this job's \`matrix\`, and with direction ${direction} each job would buy for its own target what the others buy for theirs. Update in one job, with one target.`,
    )
}

/** Also what no runner has filled in: it tells nothing. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

function split(text: string): Bucket {
  const at = text.indexOf('=')
  if (at === -1) return { name: '', token: '' }
  const token = text.slice(at + 1).trim()
  return { name: text.slice(0, at).trim(), token: /[^=]/.test(token) ? token : '' }
}

function faultOf(name: string, token: string): string | undefined {
  if (token === '') return 'has no token: expected `name=token` (a secret that is not set is empty)'
  if (name === '') return 'has no name: expected `name=token`'
  if (bucketOfToken(name) !== undefined) return 'has a token where its name belongs: expected `name=token`'
  if (!/^\P{C}{1,100}$/u.test(name)) return 'has a name that is not 1 to 100 printable characters'
  if (!/^[\x21-\x7e]+$/.test(token))
    return 'has a token with a space or a character that is not ASCII: expected one bucket a line (`buckets: |`), the token without `Bearer`'
  if (/^(["']).*\1$/.test(token)) return 'has a token in quotes: expected it without'
  return undefined
}

function repeats(seen: ReadonlyMap<string, number>, value: string, what: string): string | undefined {
  const line = seen.get(value)
  return line === undefined ? undefined : `repeats the ${what} line ${line}`
}
