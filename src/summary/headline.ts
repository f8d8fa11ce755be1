import type { Report } from '../report/report.ts'
import { count, number } from '../text/numbers.ts'

/** How the run ended, in one or two plain sentences. */
export function headline(report: Report): string {
  const { backup, update, conclusion } = report
  const directions = [backup, update].filter((one) => one !== null)
  const missing = directions.reduce((sum, one) => sum + one.missing, 0)
  const pinned = directions.reduce((sum, one) => sum + one.pinned.length, 0)
  const failed = directions.reduce((sum, one) => sum + one.failed.length, 0)
  const done = `${count(pinned, 'CID')} ${pinned === 1 ? 'was' : 'were'} pinned`

  if (report.dryRun) {
    const end =
      { error: ' It ended with an error.', cancelled: ' It was cancelled.' }[conclusion as string] ?? ''
    const isUnknown = report.node === null || (missing === 0 && end !== '')
    const would = isUnknown ? '' : ` ${count(missing, 'CID')} ${missing === 1 ? 'is' : 'are'} missing.`
    return `Dry run: nothing was changed.${would}${end}`
  }
  switch (conclusion) {
    case 'error':
      return pinned === 0 ? 'The run ended with an error' : `The run ended with an error, after ${done}`
    case 'cancelled':
      return `The run was cancelled, after ${done}`
    case 'out-of-time': {
      const left = missing - pinned - failed
      if (report.storage?.stoppedBy === 'max-bytes')
        return `As much as \`max-bytes\` allows was fetched: ${done}, ${number(left)} are left for the next run`
      // None are known to be left where the listing itself was cut short.
      return left === 0
        ? `Time ran out before everything was listed: ${done}, and the next run goes on`
        : `Time ran out: ${done}, ${number(left)} are left for the next run`
    }
    case 'failed-pins':
      if (report.node?.believed === false) return doubtedNode
      if (failed === 0)
        return `${done}; what failed in earlier runs is still not, though no listing shows it as missing now`
      return pinned === 0
        ? `${count(failed, 'CID')} could not be pinned and will be tried again`
        : `${done}; ${number(failed)} could not be, and will be tried again`
    case 'ok':
      if (report.inspect.length > 0)
        return `${count(report.inspect.length, 'CID')} inspected; nothing was changed`
      if (report.node?.believed === false) return doubtedNode
      if (missing === 0) return inStep(report)
      return missing === pinned
        ? `${done}; nothing is left to do`
        : `${done}; ${number(missing - pinned)} are not done yet`
  }
}

const doubtedNode =
  'Nothing was pinned: the node lists no pins where it had many, which a run a day later must confirm'

function inStep(report: Report): string {
  if (report.direction === 'backup') return 'The node has everything that the service has pinned'
  if (report.direction === 'update') return 'The service has everything that the node has pinned'
  return 'The node and the service are in step'
}
