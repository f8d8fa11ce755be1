import type { Problem } from '../domain/problem.ts'
import type { InspectReport } from '../report/inspect-report.ts'
import { count } from '../text/numbers.ts'

export function invalidInspected(results: readonly InspectReport[]): Problem[] {
  const invalid = results.filter(({ valid }) => !valid).map(({ cid }) => cid)
  if (invalid.length === 0) return []
  const some = invalid.slice(0, 5).map((text) => JSON.stringify(text.slice(0, 100)))
  const more = invalid.length > some.length ? ` and ${count(invalid.length - some.length, 'other')}` : ''
  return [
    { isError: false, where: 'inspect', message: `no CID, and not looked up: ${some.join(', ')}${more}` },
  ]
}
