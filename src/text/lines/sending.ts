import { type ReasonCounts, totalOf } from '../../domain/reasons/counts.ts'
import { count, number } from '../numbers.ts'
import { withinOrBy } from '../times.ts'
import { byReason } from './by-reason.ts'

/** `60 of 64 CIDs asked for. 4 failed: … (3); … (1)` */
export function sentOffLine(asked: number, all: number, failures: ReasonCounts): string {
  return [`${number(asked)} of ${count(all, 'CID')} asked for`, ...failuresIn(failures)].join('. ')
}

/** `12 of 40 requests settled (30%), 4 a minute, about 7m left. Without a change, the wait is over by 19:59 UTC` */
export function settlingLine(counted: string | null, left: number, wall: number): string {
  return `${counted}. Without a change, the wait is over ${withinOrBy(left, wall)}`
}

/** `38 of 40 requests settled. 1 failed: … (1). 2 are left to the next run` */
export function settledLine(settled: number, all: number, failures: ReasonCounts): string {
  const left = all - settled
  return [
    `${number(settled)} of ${count(all, 'request')} settled`,
    ...failuresIn(failures),
    ...(left > 0 ? [`${number(left)} left for the next run`] : []),
  ].join('. ')
}

function failuresIn(failures: ReasonCounts): string[] {
  const failed = totalOf(failures)
  return failed === 0 ? [] : [`${number(failed)} failed: ${byReason(failures)}`]
}
