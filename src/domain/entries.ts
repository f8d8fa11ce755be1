/** A list that may have a million entries: each is made as it is read, and all of them can be read again. */
export interface Entries<T> extends Iterable<T> {
  readonly length: number
}
