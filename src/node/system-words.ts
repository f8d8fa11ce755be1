/** Where the system puts it: at the end, after the path. Kubo may quote content elsewhere in its message (measured). */
const cannotStore =
  /(^|: )(no space left on device|there is not enough space on the disk\.?|disk quota exceeded|read-only file system)$/i

/** Whether it ends as the words of a system do that has no room. Content can be made so that Kubo's words about it do too. */
export function saysFull(message: string): boolean {
  return cannotStore.test(message)
}
