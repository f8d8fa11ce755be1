/** Where the run says what it does: the runner's log. Whatever is said, no secret and no command of others is in it. */
export interface Log {
  info(line: string): void
  /** Only for who looks for a fault: made only where it is shown. */
  debug(line: () => string): void
  /** Lines said by `work` can be folded away under a title. Without a line there is no title either. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>
}
