import { bucketOfToken, tokenOf } from './filebase-tokens.ts'
import type { Inputs } from './inputs.ts'
import type { Bucket, Direction, KeyPair } from './types.ts'

interface BucketLine extends Bucket {
  readonly number: number
  readonly text: string
}

/**
 * `buckets`: lines of `name=token`, where a token may hold `=` too. A problem quotes no line: it may be a token.
 * @param keys of them the tokens of lines with a name alone are made
 */
export function readBuckets(inputs: Inputs, keys: KeyPair | undefined): Bucket[] {
  const lines = inputs.lines('buckets').map(({ number, text }) => ({ number, ...split(text, keys), text }))
  for (const line of lines) {
    if (line.token !== '') inputs.hideGiven('buckets', `in line ${line.number} a token`, line.token)
    for (const secret of secretsIn(line)) inputs.hide(secret)
  }

  if (lines.length === 0) inputs.problem('buckets', noBuckets)
  const isFormProved = lines.some((line) => faultOf(line, false, keys) === undefined)
  const lineOfName = new Map<string, number>()
  const lineOfToken = new Map<string, number>()
  for (const line of lines) {
    const { number, name, token } = line
    const fault = faultOf(line, isFormProved, keys)
    const sameName = lineOfName.get(name)
    const sameToken = lineOfToken.get(token)
    if (fault !== undefined) inputs.problem('buckets', `line ${number}${fault}.`)
    else if (sameName !== undefined)
      inputs.problem('buckets', `line ${number} repeats the name of line ${sameName}.`)
    else if (sameToken !== undefined)
      inputs.problem(
        'buckets',
        `lines ${sameToken} and ${number} have the same token; each bucket has its own.`,
      )
    if (sameName === undefined) lineOfName.set(name, number)
    if (sameToken === undefined) lineOfToken.set(token, number)
  }
  return lines.map(({ name, token, isOfKeys }) => ({ name, token, ...(isOfKeys && { isOfKeys }) }))
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

function split(text: string, keys: KeyPair | undefined): Bucket {
  if (keys !== undefined && bareName.test(text))
    return { name: text, token: tokenOf(keys, text), isOfKeys: true }
  const at = text.indexOf('=')
  if (at === -1) return { name: '', token: '' }
  const token = text.slice(at + 1).trim()
  return { name: text.slice(0, at).trim(), token: /[^=]/.test(token) ? token : '' }
}

const noBuckets =
  'is empty: is its secret set in this repository, and can this run see it? Secrets of an environment need `environment:` in the job, those of an organisation must allow this repository, and a run of a fork gets none. Expected: one `name=token` a line.'

/** Behind a token: `a=T,b=T` in one line, which `buckets: >` also makes of several. */
const another = /[\s,;][^\s=,;]{1,100}=/
/** `name: token`, as YAML has it. */
const colon = /^[^=:]{1,100}:\s+/
/** A name that no token looks like: those of services have capitals, or are longer. */
const plainName = /^[a-z0-9][a-z0-9 ._-]{0,29}$/

/** What S3 takes as the name of a bucket, and what no token looks like. */
const bareName = /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/

/** What of a line may be a token, whatever is wrong with it. */
function secretsIn({ name, token, text }: BucketLine): string[] {
  // Base64 ends in `=`, so a line with nothing else behind its first `=` may well be a token that lacks its name.
  if (token === '') return [text, text.replace(colon, '')]
  const swapped = bucketOfToken(name) === undefined ? [] : [name]
  return another.test(token) ? [...swapped, ...token.split(/[\s,;]+(?:[^\s=,;]+=)?/)] : swapped
}

/** What is wrong with a line, to be said behind its number. */
function faultOf(
  { name, token, text }: BucketLine,
  isFormProved: boolean,
  keys: KeyPair | undefined,
): string | undefined {
  if (token === '' && colon.test(text))
    return ' has `:` between name and token: expected `name=token`, with `=`'
  if (token === '' && isFormProved && plainName.test(name))
    return `, ${name}, has no token: check that its secret is set, and that this run can see it`
  if (token === '' && keys !== undefined && !text.includes('='))
    return ' is neither `name=token` nor the name of a bucket alone: 3 to 63 lower-case letters, digits, `.` and `-`'
  if (token === '') return ' has no token: expected `name=token` (a secret that is not set is empty)'
  if (name === '') return ' has no name: expected `name=token`'
  if (bucketOfToken(name) !== undefined) return ' has a token where its name belongs: expected `name=token`'
  if (!/^\P{C}{1,100}$/u.test(name)) return ' has a name that is not 1 to 100 printable characters'
  if (another.test(token)) return ' has more than one bucket: expected one `name=token` a line (`buckets: |`)'
  if (!/^[\x21-\x7e]+$/.test(token))
    return ' has a token with a space or a character that is not ASCII: expected one bucket a line (`buckets: |`), the token without `Bearer`'
  if (/^(["']).*\1$/.test(token)) return ' has a token in quotes: expected it without'
  return undefined
}
