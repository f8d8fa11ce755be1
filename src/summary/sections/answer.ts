import type { Status } from '../../domain/pin.ts'
import type { InspectedDelegate, InspectReport } from '../../report/inspect-report.ts'
import type { Report } from '../../report/report.ts'
import { code } from '../../text/escape.ts'
import { number } from '../../text/numbers.ts'
import { someOf } from '../some-of.ts'

/** A side has it, is about to, has it not, or nobody knows. */
type Side = 'has' | 'soon' | 'lacks' | 'unknown'

/** So many buckets are named. */
const mostBuckets = 5

/** Where a CID is and where it is not, and what to do about it. @param service its name, in Markdown */
export function answerOf(inspected: InspectReport, service: string, direction: Report['direction']): string {
  const [there, here] = [atService(inspected), onNode(inspected)]
  const where = `${thereSaid(inspected, there, service)}, and ${hereSaid(inspected, here)}`
  const why = here === 'lacks' ? delegateTrouble(inspected.delegates) : ''
  return `${signOf(there, here)} ${where}${why}.<br>**Next:** ${nextStep(inspected, { there, here }, { service, direction })}`
}

function atService({ service, unanswered }: InspectReport): Side {
  const has = (...statuses: readonly Status[]) => service.some(({ status }) => statuses.includes(status))
  if (has('pinned')) return 'has'
  if (unanswered.length > 0) return 'unknown'
  return has('queued', 'pinning') ? 'soon' : 'lacks'
}

function onNode({ node }: InspectReport): Side {
  const type = node?.pinned.type ?? 'unknown'
  if (type === 'recursive') return 'has'
  return type === 'unknown' ? 'unknown' : 'lacks'
}

/** Both have it; one of them has; none has. */
function signOf(there: Side, here: Side): string {
  if (there === 'has' && here === 'has') return '✅'
  if (there === 'has' || here === 'has') return there === 'unknown' || here === 'unknown' ? '❔' : '⚠️'
  return there === 'lacks' && here === 'lacks' ? '❌' : there === 'soon' && here === 'lacks' ? '⚠️' : '❔'
}

function thereSaid({ service: requests }: InspectReport, there: Side, service: string): string {
  if (there === 'unknown') return `Not known to be pinned at ${service}`
  const [first] = requests
  if (there === 'lacks') return first === undefined ? `Not at ${service}` : `Given up by ${service}`
  if (there === 'soon') return `On the way to ${service}`
  const buckets = requests.filter(({ status }) => status === 'pinned').map(({ bucket }) => bucket)
  return `Pinned in ${someOf([...new Set(buckets)], mostBuckets, (name) => code(name, 60))}`
}

function hereSaid({ node }: InspectReport, here: Side): string {
  if (here === 'unknown') return 'it is not known whether the node has it'
  if (here === 'has') return 'pinned on the node'
  return node?.pinned.type === 'none' ? '**not on the node**' : 'not pinned as a whole on the node'
}

function nextStep(
  { service: requests, delegates }: InspectReport,
  { there, here }: { readonly there: Side; readonly here: Side },
  { service, direction }: { readonly service: string; readonly direction: Report['direction'] },
): string {
  if (here === 'unknown') return 'inspect it again once the node answers.'
  if (there === 'unknown') return 'inspect it again once every bucket answers.'
  if (there === 'soon') return `wait: ${service} is still at work on it.`
  if (here === 'has') {
    if (there === 'has') return 'nothing is to be done.'
    return direction === 'backup'
      ? `nothing, if only the node is to have it. A run with \`direction: update\` asks ${service} for it.`
      : `the next run asks ${service} for it, unless \`ignore\` or \`only-names\` leaves it out.`
  }
  if (there === 'has') {
    const pins =
      direction === 'update'
        ? 'a run with `direction: backup` pins it'
        : 'the next run pins it, unless `ignore` names it or it waits for its next try: a run started by hand tries it at once'
    return delegates.some(({ known, connected }) => !known && connected === false)
      ? `${pins}. If no block comes, make its delegate known in \`delegates\`.`
      : `${pins}.`
  }
  return requests.length === 0
    ? `check the CID, and the buckets in \`buckets\`: neither side knows it.`
    : `upload it again, or delete the request at ${service}: neither side has it.`
}

function delegateTrouble(delegates: readonly InspectedDelegate[]): string {
  const apart = delegates.filter(({ connected }) => connected === false)
  if (delegates.length === 0 || apart.length < delegates.length) return ''
  const unknown = apart.some(({ known }) => !known) ? 'unknown and ' : ''
  return delegates.length === 1
    ? `; its delegate is ${unknown}not connected`
    : `; none of its ${number(delegates.length)} delegates is connected`
}
