import type { Report } from '../../report/report.ts'
import { code, prose } from '../../text/escape.ts'
import type { Page } from '../../text/page.ts'

/** What went wrong and needs nobody; what does is among what needs you. */
export function addWarnings(page: Page, { warnings }: Report): void {
  // What was no CID is listed with what was inspected.
  const rows = warnings.filter(({ where, todo }) => todo === undefined && where !== 'inspect')
  if (rows.length === 0) return
  page.add('### Warnings')
  page.list({
    rows,
    row: ({ where, message }) => `- ${code(where, 80)}: ${prose(message)}`,
    most: 200,
  })
}
