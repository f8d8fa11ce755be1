import type { BucketEntries } from '../../domain/entries.ts'
import type { Report } from '../../report/report.ts'
import { code, prose } from '../../text/escape.ts'
import { count } from '../../text/numbers.ts'
import { type Page, tableHead, tableRow } from '../../text/page.ts'
import type { GivenUp } from '../counts.ts'
import { addFailedRequests } from '../tables.ts'

/** Requests that the service gave up, and such as cannot be read: folded away, for they are nothing that a run can mend. */
export function addServiceTrouble(
  page: Page,
  { buckets, service }: Report,
  givenUp: BucketEntries<GivenUp>,
): void {
  if (givenUp.length > 0) {
    page.add(
      `<details><summary><b>${count(givenUp.length, 'request')} given up by ${prose(service)}</b>, with no other pin of the CID there</summary>`,
    )
    addFailedRequests(page, givenUp, 200)
    page.add('</details>')
  }
  const invalid = buckets.flatMap(({ name: bucket, invalid }) => invalid.map((one) => ({ ...one, bucket })))
  const more = buckets.reduce((sum, { moreInvalid }) => sum + moreInvalid, 0)
  if (invalid.length + more === 0) return
  page.add(`<details><summary><b>${count(invalid.length + more, 'request')} cannot be read</b></summary>`)
  page.list({
    head: tableHead(['CID', 'What is odd', 'Bucket', 'Request ID']),
    rows: invalid,
    row: ({ cid, requestid, bucket, problem }) =>
      tableRow([code(cid), code(problem, 200), code(bucket, 60), code(requestid)]),
    most: 200,
  })
  page.add('</details>')
}
