import picomatch from 'picomatch/posix.js'

/**
 * Whether a pin's name matches one of some globs, as shells write them: `*` stands for anything but `/`, `**` also for
 * that. Without globs every pin does; else a pin without a name does not.
 */
export function nameMatcher(globs: readonly string[]): (name: string | null) => boolean {
  if (globs.length === 0) return () => true
  // A name is no path and no pattern that a shell may turn around: a leading dot or `!` means nothing.
  const matches = picomatch([...globs], { dot: true, nonegate: true })
  return (name) => name !== null && matches(name)
}
