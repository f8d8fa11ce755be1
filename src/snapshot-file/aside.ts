import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** So many files that were put aside are kept, the newest. */
const mostAside = 3
const parts = ['', '-wal', '-shm']

/** Renames a snapshot together with its journal, as somebody may want to look at it; returns its new path. */
export function putAside(path: string): string {
  const aside = `${path}.aside-${Date.now()}`
  for (const suffix of parts) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix)
  }
  const old = readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.aside-`) && !/-(wal|shm)$/.test(name))
    .sort()
    .slice(0, -mostAside)
  for (const name of old.flatMap((one) => parts.map((suffix) => one + suffix))) {
    rmSync(join(dirname(path), name), { recursive: true, force: true })
  }
  return aside
}
