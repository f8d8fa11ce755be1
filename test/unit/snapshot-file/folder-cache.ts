import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CacheApi } from '../../../src/snapshot-file/restore.ts'
import type { Saving } from '../../../src/snapshot-file/save.ts'

/** Never aborted. */
export const patient = new AbortController().signal

export function saving(now: number, inCache = true): Saving {
  return { now, inCache, signal: patient }
}

/** A cache in a folder with the manners of GitHub's: keys are immutable, a prefix finds the newest, the first prefix that finds one counts, a path finds itself only. */
export class FolderCache implements CacheApi {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(folder, { recursive: true })
  }

  /** Oldest first. */
  get keys(): string[] {
    return readdirSync(this.folder)
      .sort()
      .map((name) => name.slice(name.indexOf(' ') + 1))
  }

  /** The file that was saved under a key. */
  file(key: string, path: string): string {
    const name = readdirSync(this.folder).find((one) => one.endsWith(` ${key}`)) ?? key
    return join(this.folder, name, encodeURIComponent(path))
  }

  /** Entries unused for a week, or beyond the repository's 10 GB, are evicted. */
  forget(): void {
    for (const name of readdirSync(this.folder)) rmSync(join(this.folder, name), { recursive: true })
  }

  isFeatureAvailable(): boolean {
    return true
  }

  async restoreCache(paths: string[], key: string, restoreKeys: string[]): Promise<string | undefined> {
    const mine = this.keys.reverse().filter((one) => paths.every((path) => existsSync(this.file(one, path))))
    const found = [key, ...restoreKeys]
      .map((wanted) => mine.find((one) => one.startsWith(wanted)))
      .find((one) => one !== undefined)
    if (found === undefined) return undefined
    for (const path of paths) {
      mkdirSync(dirname(path), { recursive: true })
      copyFileSync(this.file(found, path), path)
    }
    return found
  }

  async saveCache(paths: string[], key: string): Promise<number> {
    if (this.keys.includes(key)) return -1
    const id = this.keys.length
    const entry = join(this.folder, `${String(id).padStart(4, '0')} ${key}`)
    mkdirSync(entry)
    for (const path of paths) copyFileSync(path, join(entry, encodeURIComponent(path)))
    return id
  }
}
