import type { Studied } from '../study.ts'
import { delegateReport } from './delegate-report.ts'
import type { Filling } from './draft.ts'
import { sidesReport } from './sides-report.ts'

/** What the report says of what was found, before anything is changed. */
export function foundReport(found: Studied): Partial<Filling> {
  const { sides, comparison, trust, doubts } = found
  return {
    ...sidesReport({ sides, standing: comparison }, trust),
    delegates: delegateReport(found, null),
    doubts,
    isWhole: trust.isWhole,
  }
}
