/** What a phase of the run met that somebody should know. */
export interface Problem {
  /** What it concerns: `input`, `bucket NAME`, `node`, `service`, `snapshot`, … */
  readonly where: string
  /** What happened, and what to do. */
  readonly message: string
  /** Whether it makes the run an `error`; the others are warnings. */
  readonly isError: boolean
}
