import { classOfWords } from './boxo.ts'
import type { Why } from './classes.ts'

/**
 * Why a request failed, by the one text that services give: at Filebase `pin.meta.failure_reason`, in the specification
 * `info.status_details`.
 */
export function whyItFailed(failureReason: string | null): Why {
  if (failureReason === null) return { reason: 'the service did not say why', class: 'unsaid' }
  // Filebase has no other.
  if (/^Exceeded Max Attempts \(\d+\)$/.test(failureReason))
    return { reason: failureReason, class: 'gave-up' }
  return { reason: failureReason, class: classOfWords(failureReason) }
}
