import type { BucketEntries } from '../../domain/entries.ts'
import type { Report, RunError } from '../../report/report.ts'
import { bucketNames } from '../../text/bucket-names.ts'
import { prose } from '../../text/escape.ts'
import { count, number } from '../../text/numbers.ts'
import type { Page } from '../../text/page.ts'
import { reasonWords } from '../../text/reasons.ts'
import type { GivenUp } from '../counts.ts'
import type { FailureGroup } from '../failure-groups.ts'

/** Something that only a person can do. Both parts are Markdown. */
export interface Need {
  /** Begins with the verb, and has no full stop. */
  readonly todo: string
  readonly why: string
}

/** So many are shown. */
const most = 30

/** What a person has to do. */
export function addNeedsYou(page: Page, needs: readonly Need[]): void {
  if (needs.length === 0) return
  page.add('### What needs you')
  const byTodo = [...Map.groupBy(needs, ({ todo }) => todo)]
  page.list({
    rows: byTodo,
    row: ([todo, [first, ...more]]) => {
      const item = `1. **${todo}${/[.?!]$/.test(todo) ? '' : '.'}**`
      if (more.length === 0) return `${item} ${first?.why}`
      return [item, ...[first as Need, ...more].slice(0, most).map(({ why }) => `   - ${why}`)].join('\n')
    },
    most,
  })
}

/** The most pressing first. */
export function needsOf(
  report: Report,
  groups: readonly FailureGroup[],
  givenUp: BucketEntries<GivenUp>,
): Need[] {
  return [
    ...report.errors.map(ofProblem),
    ...report.warnings.filter(({ todo }) => todo !== undefined).map(ofProblem),
    ...newDelegates(report),
    ...silentDelegates(report),
    ...hopeless(groups),
    ...corrupt(groups),
    ...givenUpRequests(report, givenUp.length),
    ...invalidRequests(report),
    ...unmirroredBuckets(report),
  ]
}

function ofProblem({ where, message, todo }: RunError): Need {
  const why = prose(message.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase()))
  return { todo: prose(todo ?? `See to this (${where})`), why: /[.?!]$/.test(message) ? why : `${why}.` }
}

function newDelegates({ delegates, service }: Report): Need[] {
  const unknown = delegates.unknown.length
  if (unknown === 0) return []
  const them = unknown === 1 ? 'it' : 'them'
  return [
    {
      todo: `Make ${count(unknown, 'new delegate')} known`,
      why: `${prose(service)} fetches through ${unknown === 1 ? 'a peer' : 'peers'} that \`delegates\` does not name: pins from ${them} may stop arriving. The lines to paste are below.`,
    },
  ]
}

function silentDelegates({ delegates, conclusion }: Report): Need[] {
  // They may have had no time to.
  if (conclusion === 'out-of-time' || conclusion === 'cancelled') return []
  const silent = delegates.peered.filter((peer) => !peer.answered).length
  if (silent === 0) return []
  const isAll = silent === delegates.peered.length
  return [
    {
      todo: `Check ${count(silent, 'delegate')} that did not answer`,
      why: isAll
        ? 'None of them did: can the box dial out to them?'
        : `The others did. ${silent === 1 ? 'It has' : 'They have'} probably been given up, and \`delegates\` is out of date.`,
    },
  ]
}

/** What will never do, in one: what is the matter with which is said in its group. */
function hopeless(groups: readonly FailureGroup[]): Need[] {
  const never = groups.filter(({ retry }) => retry === 'never')
  const all = never.reduce((sum, one) => sum + one.count, 0)
  if (all === 0) return []
  const each = never.map(({ count: some, class: reason, buckets }) => {
    const where = buckets.length === 1 ? ` in ${prose(`\`${buckets[0]?.name}\``)}` : ''
    return `${number(some)}${where} (“${reasonWords(reason).title}”)`
  })
  return [
    {
      todo: `Give up ${count(all, 'CID')}, or mend ${all === 1 ? 'it' : 'them'}`,
      why: `Trying again will not help: ${each.join(', ')}. Add ${all === 1 ? 'it' : 'them'} to \`ignore\`, or upload the content again. See below.`,
    },
  ]
}

/** Never mended unasked, since the only way is to delete the block first. */
function corrupt(groups: readonly FailureGroup[]): Need[] {
  const cids = groups
    .filter((group) => group.class === 'corrupt-block')
    .reduce((sum, group) => sum + group.count, 0)
  if (cids === 0) return []
  return [
    {
      todo: `Heal ${count(cids, 'CID')} with a corrupt block`,
      why: reasonWords('corrupt-block').advice,
    },
  ]
}

function givenUpRequests({ update, service }: Report, failed: number): Need[] {
  if (failed === 0) return []
  const why =
    update === null
      ? 'A backup never writes to the service.'
      : 'They are not asked for again, or the node does not have them.'
  return [
    {
      todo: `Upload ${count(failed, 'CID')} again, or delete ${failed === 1 ? 'its request' : 'their requests'}`,
      why: `${prose(service)} gave ${failed === 1 ? 'it' : 'them'} up, and has no other pin of ${failed === 1 ? 'it' : 'them'}. ${why}`,
    },
  ]
}

function invalidRequests({ buckets, service }: Report): Need[] {
  const invalid = buckets.reduce((sum, bucket) => sum + bucket.invalid.length + bucket.moreInvalid, 0)
  if (invalid === 0) return []
  return [
    {
      todo: `Delete ${count(invalid, 'request')} that cannot be read`,
      why: `${prose(service)} lists ${invalid === 1 ? 'it' : 'them'} without a CID that can be pinned.`,
    },
  ]
}

function unmirroredBuckets({ account }: Report): Need[] {
  const names = account?.unmirrored ?? []
  if (names.length === 0) return []
  const isOne = names.length === 1
  return [
    {
      todo: `Mirror ${count(names.length, 'bucket')} of the account, or ignore ${isOne ? 'it' : 'them'}`,
      why: `${bucketNames(names)} ${isOne ? 'is' : 'are'} in no line of \`buckets\`. Add ${isOne ? 'it' : 'them'} there, or to \`ignore-buckets\`.`,
    },
  ]
}
