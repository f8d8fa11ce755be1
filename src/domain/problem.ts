/** What a phase of the run met that somebody should know. */
export interface Problem {
  /** What it concerns: `input`, `bucket NAME`, `node`, `service`, `snapshot`, … */
  readonly where: string
  /** What happened, and what to do. */
  readonly message: string
  /** What happened, as a headline has it: few words that begin with what it happened to. Names are in backticks. */
  readonly short?: string
  /** What a person has to do, in few words that begin with the verb. Without it, nothing but what the message says. */
  readonly todo?: string
  /** Whether it makes the run an `error`; the others are warnings. */
  readonly isError: boolean
}
