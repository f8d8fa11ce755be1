/** Where the run says what it does: the runner's log. What comes from outside goes through `logLine` first. */
export interface Log {
  info(line: string): void
  /** Lines said by `work` can be folded away under a title. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>
}
