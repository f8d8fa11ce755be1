import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RecordedRequest, SandboxServer } from '../sandbox/server.ts'
import { manners } from '../sandbox/written.ts'
import type { Mirror } from './mirror.ts'

/** Texts to be searched, by where they are. */
type Found = Map<string, string>

/** A secret, and the headers and addresses in which it may go to the server that it belongs to. */
export interface Secret {
  readonly text: string
  readonly name: string
}

/** A secret that was cut short is told by so many of its characters. */
const telling = 16

/**
 * Where secrets are, in any manner of writing, in what runs left behind: files, databases, issues, and what servers were
 * asked, but for what belongs to the server itself.
 * @param logs by the name of the run, without what the runner is asked to mask
 */
export function leaksOf(
  mirror: Mirror,
  secrets: readonly Secret[],
  {
    logs,
    folders,
    servers,
  }: {
    readonly logs: Readonly<Record<string, string>>
    readonly folders: readonly string[]
    /** With the texts that each may be told, and in which header or path. */
    readonly servers: Readonly<
      Record<string, { readonly server: SandboxServer; readonly own: readonly string[] }>
    >
  },
): string[] {
  const found: Found = new Map()
  for (const [run, log] of Object.entries(logs))
    found.set(`log of ${run}`, log.replace(/^::add-mask::.*$/gm, ''))
  for (const folder of [dirname(mirror.workspace), ...folders]) addFiles(found, folder)
  for (const { number, title, body, labels, comments } of mirror.github.issues) {
    const texts = [title, body ?? '', ...labels, ...comments.map((comment) => comment.body)]
    found.set(`issue ${number}`, texts.join('\n'))
  }
  for (const [name, { server, own }] of Object.entries(servers))
    found.set(`requests to ${name}`, server.requests.map((request) => withoutOwn(request, own)).join('\n'))
  return search(found, secrets)
}

function search(found: Found, secrets: readonly Secret[]): string[] {
  const leaks: string[] = []
  for (const { text, name } of secrets)
    for (const [manner, write] of Object.entries(manners)) {
      // Many addresses begin alike.
      const part = text.includes('://') ? write(text) : write(text).slice(0, telling)
      for (const [where, all] of found) {
        const at = all.indexOf(part)
        if (at !== -1)
          leaks.push(`${name} ${manner} in ${where}: ${all.slice(Math.max(0, at - 40), at + 60)}`)
      }
    }
  return leaks
}

/** Bytes as they are, and of databases also what their tables hold: a text may lie across two pages. */
function addFiles(found: Found, folder: string): void {
  const databases: string[] = []
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile()) continue
    found.set(path, readFileSync(path, 'latin1'))
    if (entry.name.endsWith('.sqlite')) databases.push(path)
  }
  // Last: what a killed run left in a journal goes into the file as that is opened.
  for (const path of databases) found.set(`tables of ${path}`, tablesOf(path))
}

function tablesOf(path: string): string {
  using db = new DatabaseSync(path)
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  return tables
    .flatMap(({ name }) => db.prepare(`SELECT * FROM ${name}`).all())
    .flatMap((row) => Object.values(row))
    .filter((value) => typeof value === 'string')
    .join('\n')
}

/** A request as text, but for what may be told to whom it went to. */
function withoutOwn({ method, path, query, headers, body }: RecordedRequest, own: readonly string[]): string {
  const isOwn = (text: string) => own.some((one) => text === one)
  const shown = Object.entries(headers).filter(
    ([name, value]) => name !== 'authorization' || !isOwn(String(value)),
  )
  const way = isOwn(path) ? '' : path
  return [method, way, ...[...query].flat(), ...shown.flat().map(String), body].join(' ')
}
