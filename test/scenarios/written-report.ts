import type { Entries } from '../../src/domain/entries.ts'
import type { Report } from '../../src/report/report.ts'

/** What is read back of what was written as JSON: long lists are lists. */
type Written<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends Entries<infer E>
    ? readonly Written<E>[]
    : { readonly [K in keyof T]: Written<T[K]> }

/** The JSON report as its readers have it. */
export type WrittenReport = Written<Report>
