import type { DirectionReport, Report, UpdateReport } from '../report/report.ts'
import { prose } from '../text/escape.ts'
import { count, number } from '../text/numbers.ts'
import { countsOf, limitsSaid } from './counts.ts'
import type { FailureGroup } from './failure-groups.ts'

/** What was done, where the headline does not say it; `undefined` where there is nothing to add. */
export function resultLine(report: Report, groups: readonly FailureGroup[]): string | undefined {
  const { backup, update, conclusion, dryRun } = report
  if (report.node === null) return undefined
  if (dryRun) return dryResult(report)
  const never = (of: FailureGroup['direction']) =>
    groups
      .filter(({ direction, retry }) => direction === of && retry === 'never')
      .reduce((sum, one) => sum + one.count, 0)
  const isEnded = conclusion === 'ok' || conclusion === 'failed-pins'
  const isShort = conclusion === 'out-of-time' && update === null && countsOf(report).failed === 0
  const isSaid = (isEnded || isShort) && never('backup') + never('update') === 0
  // What lacks nothing is worth a word only where all is known.
  const isKnown = report.errors.length === 0 && report.buckets.every(({ listing }) => !listing.brokeOff)
  const sentences = [
    ...othersListed(report),
    ...(isSaid || backup === null || (backup.missing === 0 && !isKnown)
      ? []
      : backupSentence(backup, never('backup'))),
    ...(isSaid || update === null || (update.missing === 0 && !isKnown)
      ? []
      : updateSentence(update, never('update'), report.service)),
    ...besides(report),
  ]
  return sentences.length === 0 ? undefined : sentences.join(' ')
}

function dryResult(report: Report): string | undefined {
  const { left, resting } = countsOf(report)
  if (left === 0) return undefined
  const does = 'Nothing was changed. A run without `dry-run` does what is listed here'
  if (resting === 0) return `${does}.`
  return `${does}; ${number(resting)} more ${wait(resting)} next try, unless it is started by hand.`
}

/** What an error keeps out of the headline. */
function besides({ errors, leftBy }: Report): string[] {
  // Where room is what was lacking, that is the error.
  const others = leftBy.filter((one) => one !== 'keep-free')
  return errors.length === 0 || others.length === 0 ? [] : [`Besides, ${limitsSaid(others)}.`]
}

/** Where some buckets are the error: how the others did. */
function othersListed({ buckets, errors }: Report): string[] {
  const incomplete = buckets.filter(({ listing }) => listing.brokeOff).length
  const others = buckets.length - incomplete
  if (errors.length === 0 || incomplete === 0 || others === 0) return []
  return [others === 1 ? 'The other bucket was listed.' : `The other ${number(others)} buckets were listed.`]
}

function backupSentence(
  { missing, pinned, failed, resting, pending }: DirectionReport,
  never: number,
): string[] {
  if (missing === 0) return ['The node lacks nothing.']
  return [
    sentence([
      pinned.length > 0 && `**${count(pinned.length, 'CID')} ${were(pinned.length)} pinned** on the node`,
      failed.length > resting &&
        `**${number(failed.length - resting)} could not be**${never > 0 ? ` (${number(never)} of them never will be)` : ''}`,
      resting > 0 && `${number(resting)} ${wait(resting)} next try`,
      pending.length > 0 &&
        `${number(pending.length)} ${pending.length === 1 ? 'is' : 'are'} left for the next run`,
    ]),
  ]
}

function updateSentence(
  { missing, pinned, failed, resting, pending, unsent }: UpdateReport,
  never: number,
  service: string,
): string[] {
  const name = prose(service)
  if (missing === 0) return [`${name} lacks nothing.`]
  return [
    sentence([
      pinned.length > 0 && `**${count(pinned.length, 'CID')} ${were(pinned.length)} pinned** at ${name}`,
      pending.length > 0 &&
        `**${number(pending.length)} ${pending.length === 1 ? 'is' : 'are'} on the way** to ${name}`,
      failed.length > resting &&
        `**${number(failed.length - resting)} could not be**${never > 0 ? ` (${number(never)} of them never will be)` : ''}`,
      resting > 0 && `${number(resting)} ${wait(resting)} next try`,
      unsent.length > 0 && `**${number(unsent.length)} ${were(unsent.length)} not sent**`,
    ]),
  ]
}

function sentence(parts: readonly (string | false)[]): string {
  return `${parts.filter((part) => part !== false).join('; ')}.`
}

const were = (n: number) => (n === 1 ? 'was' : 'were')
const wait = (n: number) => (n === 1 ? 'waits for its' : 'wait for their')
