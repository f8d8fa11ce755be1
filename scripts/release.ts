// What a release is called and says, for .github/workflows/release.yml: node scripts/release.ts
import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'

/**
 * The changes of a version, as its heading in CHANGELOG.md has them: `## 1.2.3, 24 Dec 2026`.
 * @throws where the version is no release's, or nothing is written about it
 */
export function notesOf(version: string, changelog: string): string {
  if (!/^[1-9]\d*\.\d+\.\d+$/.test(version))
    throw new Error(`package.json has version ${version}: a release is 1.0.0 or later, without a suffix`)
  const parts = changelog.split(/^## /m)
  const notes = parts.find((part) => /^[\d.]+/.exec(part)?.[0] === version)
  const [, ...lines] = notes?.split('\n') ?? []
  const text = lines.join('\n').trim()
  if (text === '')
    throw new Error(`CHANGELOG.md says nothing about ${version}: it needs "## ${version}, DATE"`)
  return text
}

/** @throws where the version was published */
export function checkNew(version: string, tags: readonly string[]): void {
  if (tags.includes(`v${version}`))
    throw new Error(`v${version} is published, and a version never moves: give package.json the next one`)
}

if (import.meta.main) {
  const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
  const { version } = JSON.parse(read('package.json')) as { version: string }
  const notes = notesOf(version, read('CHANGELOG.md'))
  checkNew(version, execFileSync('git', ['tag', '--list'], { encoding: 'utf8' }).split('\n'))
  const outputs = process.env['GITHUB_OUTPUT']
  if (outputs !== undefined) appendFileSync(outputs, `version=${version}\n`)
  console.log(notes)
}
