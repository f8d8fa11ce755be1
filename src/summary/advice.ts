import type { Report } from '../report/report.ts'
import { count } from '../text/numbers.ts'

/** What a person may do about what a run met, the most pressing first. Only our own words: no outside data is in it. */
export function adviceFor(report: Report): string[] {
  const { backup, update, buckets, delegates } = report
  const backupFailed = backup?.failed.length ?? 0
  const updateFailed = update?.failed.length ?? 0
  const incomplete = buckets.filter((bucket) => !bucket.listing.complete).length
  const vanished = buckets.reduce((sum, bucket) => sum + bucket.listing.vanished, 0)
  const failedRequests = buckets.reduce((sum, bucket) => sum + bucket.failedRequests.length, 0)
  const invalid = buckets.reduce((sum, bucket) => sum + bucket.invalid.length + bucket.moreInvalid, 0)
  const silent = delegates.peered.filter((peer) => !peer.answered).length
  const advice: string[] = []

  if (report.errors.length > 0 && report.errors.every(({ where }) => where === 'input'))
    advice.push(
      '**Inputs:** correct what is named below in the workflow. Nothing was asked of the service or the node, and every run ends like this until then.',
    )
  else if (report.conclusion === 'error')
    advice.push(
      '**Errors:** see below what they were. What was done before them is kept, and the next run goes on from there.',
    )
  if (incomplete > 0)
    advice.push(
      `**${count(incomplete, 'bucket')} not proved complete:** what was found of ${incomplete === 1 ? 'it' : 'them'} is backed up all the same; the errors and the notes on the buckets say what was in the way. The next run lists again.`,
    )
  if (vanished > 0)
    advice.push(
      `**${count(vanished, 'request')} vanished at once:** that many are not taken for deleted before a run a day later sees the same. If somebody deleted them, a run by hand with \`full-listing: true\` confirms it at once; if nobody did, ask the service.`,
    )
  if (report.conclusion === 'out-of-time' && report.storage?.stoppedBy !== 'max-bytes')
    advice.push(
      '**Time ran out:** the next run goes on where this one stopped. If that happens often, raise `time-limit` and the job’s `timeout-minutes`, or run more often.',
    )
  if (backupFailed > 0)
    advice.push(
      `**${count(backupFailed, 'CID')} failed on the node:** usually nobody who has the data can be reached. \`ipfs routing findprovs CID\` on the box shows who has it. Each is tried again, less and less often; a run started by hand tries all at once. What nobody will ever have again belongs in \`ignore\`.`,
    )
  if (updateFailed > 0)
    advice.push(
      `**${count(updateFailed, 'CID')} failed at the service:** usually it cannot fetch from the node. Check that the node can be reached from outside, and that \`origins\` names its public addresses. Each is asked for again, less and less often; a run started by hand asks for all at once.`,
    )
  if (delegates.unknown.length > 0)
    advice.push(
      `**${count(delegates.unknown.length, 'unknown delegate')}:** the service fetches through peers that are not in \`delegates\`. Pins may stop arriving if the node is not connected to them. The lines to paste are below.`,
    )
  if (silent > 0)
    advice.push(
      `**${count(silent, 'delegate')} did not answer in this whole run:** check that the box may dial out to them. Where others answer, the service has probably given ${silent === 1 ? 'it' : 'them'} up, and \`delegates\` is out of date.`,
    )
  if (failedRequests > 0)
    advice.push(
      `**${count(failedRequests, 'request')} failed at the service**, with no other pinned for the same CID. ${whyNotAskedAgain(report)}: upload them again there, or delete the requests.`,
    )
  if (invalid > 0)
    advice.push(
      `**${count(invalid, 'invalid request')}:** what cannot be read cannot be pinned. Delete ${invalid === 1 ? 'it' : 'them'} at the service.`,
    )
  if (update !== null && update.unsent.length > 0 && !report.dryRun)
    advice.push(
      `**${count(update.unsent.length, 'CID')} not sent:** the errors and notes below say why. The next run sends them.`,
    )
  if (update !== null && update.pending.length > 0 && !report.dryRun)
    advice.push(
      `**${count(update.pending.length, 'CID')} on the way:** the service accepted them and is fetching. The next run looks again.`,
    )
  if (report.dryRun) advice.push('**Dry run:** run again without `dry-run` to do what is listed here.')
  return advice
}

function whyNotAskedAgain({ update }: Report): string {
  return update === null
    ? 'A backup never writes to the service'
    : 'The node does not pin them, or they are not to be asked for again'
}
