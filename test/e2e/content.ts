/** Files to add to a node: their contents by their paths. */
export type Files = Readonly<Record<string, string>>

/** Files that differ from each other in every block. */
export function files(name: string, count: number, bytes: number): Files {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${name}-${index}`, text(`${name}-${index}`, bytes)]),
  )
}

/** Folders, each with a folder in it and files of several blocks. */
export function folders(name: string, count: number): Files {
  const paths = Array.from({ length: count }, (_, index) => [
    `${name}-${index}/first`,
    `${name}-${index}/inner/second`,
  ])
  return Object.fromEntries(paths.flat().map((path) => [path, text(path, 3_500)]))
}

function text(path: string, bytes: number): string {
  let content = ''
  for (let line = 0; content.length < bytes; line++) content += `line ${line} of ${path}\n`
  return content.slice(0, bytes)
}
