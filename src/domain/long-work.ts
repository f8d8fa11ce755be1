/**
 * A pass over what may be a million. It yields every so many steps, so that whoever runs it can let timers, answers and
 * signals have their turn in between.
 */
export type LongWork<T> = Generator<undefined, T, undefined>

/** The most steps from one turn to the next: some ms. */
export const stepsAtATime = 5_000

/** The items, with a turn for others after every so many of them. */
export function* paused<T>(items: Iterable<T>, work: (item: T) => void): LongWork<void> {
  let steps = 0
  for (const item of items) {
    work(item)
    if (++steps % stepsAtATime === 0) yield
  }
}

/** Does all of it in one go. */
export function atOnce<T>(work: LongWork<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}
