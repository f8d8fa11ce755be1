import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { companions, foreignJournal } from './whose.ts'

/** So many files that were put aside are kept, the newest. */
const mostAside = 3
const parts = ['', ...companions, foreignJournal]

/**
 * Renames a snapshot together with its journal, as somebody may want to look at it; returns its new path. Of a link only
 * the link is renamed, and what it leads to is not touched.
 */
export function putAside(path: string): string {
  const aside = `${path}.aside-${Date.now()}`
  for (const suffix of parts) {
    if (lstatSync(path + suffix, { throwIfNoEntry: false }) !== undefined)
      renameSync(path + suffix, aside + suffix)
  }
  const old = readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.aside-`) && !/-(wal|shm|journal)$/.test(name))
    .sort()
    .slice(0, -mostAside)
  for (const name of old.flatMap((one) => parts.map((suffix) => one + suffix))) {
    rmSync(join(dirname(path), name), { recursive: true, force: true })
  }
  return aside
}
