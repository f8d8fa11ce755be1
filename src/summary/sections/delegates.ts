import type { Report } from '../../report/report.ts'
import { number } from '../../text/numbers.ts'
import type { Page } from '../../text/page.ts'
import { addLinesToPaste } from '../tables.ts'

/** The delegates that nobody knows, as lines to paste. */
export function addNewDelegates(page: Page, { delegates: { unknown, known } }: Report): void {
  if (unknown.length === 0) return
  page.add(`### New delegates: ${number(unknown.length)}`)
  addLinesToPaste(page, unknown, known)
}
