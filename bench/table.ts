/** One line of the table: what was measured, and what it is held against in the same run. */
export interface Row {
  readonly what: string
  readonly measured: string
  /** What it is compared with, and that one's own figure. */
  readonly against: string
  readonly ratio: string
}

/** The rows as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ what, measured, against, ratio }) => `| ${what} | ${measured} | ${against} | ${ratio} |`,
  )
  return ['| what | measured | compared with | ratio |', '|---|---|---|---|', ...lines].join('\n')
}

/** `3.42 s`, `0.17 s` */
export function seconds(value: number): string {
  return `${value.toFixed(value < 1 ? 2 : 1)} s`
}

/** `87 MB`, of bytes. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

/** `1,014` */
export function number(value: number): string {
  return value.toLocaleString('en-US')
}

/** How many times `part` fits into `whole`: `9.4 times`. */
export function times(whole: number, part: number): string {
  const ratio = whole / part
  return `${ratio >= 100 ? number(Math.round(ratio)) : ratio.toFixed(ratio < 10 ? 2 : 1)} times`
}
