import type { ListedRequest } from '../domain/compare.ts'
import type { CidEntries } from '../domain/entries.ts'
import { whyItFailed } from '../domain/reasons/service.ts'
import type { FailedRequest } from '../report/report.ts'

/** What the report says of requests that failed: of a frozen account, all of a million. */
export function failedRequestEntries(requests: readonly ListedRequest[]): CidEntries<FailedRequest> {
  return {
    length: requests.length,
    cids: () => Iterator.from(requests).map(({ text }) => text),
    *[Symbol.iterator]() {
      // Most have the reason of the one before, and what class it is of takes longer than all the rest.
      let last: ReturnType<typeof whyItFailed> | undefined
      let lastReason: string | null | undefined
      for (const { requestid, text, name, failureReason, created } of requests) {
        if (last === undefined || lastReason !== failureReason) last = whyItFailed(failureReason)
        lastReason = failureReason
        const { class: reasonClass } = last
        yield {
          requestid,
          cid: text,
          name,
          reason: failureReason,
          class: reasonClass,
          created: new Date(created).toISOString(),
        }
      }
    },
  }
}
