import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs'
import { applicationId } from '../snapshot/migrations.ts'
import { isSchemaSmall, pageSize } from './schema-pages.ts'

/** Beside the database: its journal under WAL, and what processes share of that. */
export const companions = ['-wal', '-shm'] as const
/**
 * The journal of another mode. This program never leaves one, and SQLite, which finds it, would write it into the
 * database, and delete the file that it names.
 */
export const foreignJournal = '-journal'

/**
 * A million requests are 87 MB: what is larger was made to be so. It may not become larger either, so that no service
 * fills the disk.
 */
export const largest = 1024 ** 3
const magic = 'SQLite format 3\0'
const pageSizeAt = 16
/** Of the application ID in the header: https://www.sqlite.org/fileformat.html */
const idAt = 68
const headerLength = 100

/**
 * Why what lies at a path is nothing that this program made, or nothing that it alone can write to; `undefined` where it
 * is, or where nothing is there. Told without SQLite, which follows a link, and writes to what it opens before anybody
 * can see whose it is. Not to be called while this process has the file open: closing it would give up SQLite's locks.
 */
export function strangenessOf(path: string): string | undefined {
  if (statOf(path + foreignJournal) !== undefined)
    return 'a journal lies beside it that this program never leaves'
  for (const companion of companions) {
    const fault = faultOf(statOf(path + companion))
    if (fault !== undefined) return `its ${companion} ${fault}`
  }
  const stat = statOf(path)
  const fault = faultOf(stat)
  if (fault !== undefined) return `it ${fault}`
  if (stat === undefined || stat.size === 0) return undefined
  if (stat.size > largest) return 'it is larger than any snapshot'
  return faultOfPages(path)
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

function faultOf(stat: Stats | undefined): string | undefined {
  if (stat === undefined) return undefined
  if (stat.isSymbolicLink()) return 'is a link'
  if (!stat.isFile()) return 'is no regular file'
  if (!isTrusted(stat)) return 'belongs to another user'
  if (stat.nlink > 1) return 'has another name too (a hard link)'
  return undefined
}

/** Whether it belongs to this process's user, or to root, who may do everything anyway; Windows does not tell. */
export function isTrusted({ uid }: Stats): boolean {
  const own = process.geteuid?.()
  return own === undefined || uid === own || uid === 0
}

/** @throws where the file has become another since it was looked at */
function faultOfPages(path: string): string | undefined {
  // What has become a FIFO or a device meanwhile is not waited for.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  try {
    if (!fstatSync(file).isFile()) throw new Error('it is no regular file any more')
    const read = (length: number, at: number) => {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(file, bytes, 0, length, at))
    }
    const fault = faultOfHeader(read(headerLength, 0))
    if (fault !== undefined) return fault
    return isSchemaSmall((number) => read(pageSize, (number - 1) * pageSize))
      ? undefined
      : 'it has more tables than a snapshot'
  } finally {
    closeSync(file)
  }
}

function faultOfHeader(header: Buffer): string | undefined {
  if (header.length < headerLength || header.toString('latin1', 0, magic.length) !== magic)
    return 'it cannot be read as a snapshot: it is no SQLite database'
  if (header.readUInt32BE(idAt) !== applicationId) return 'it is another program’s database'
  return header.readUInt16BE(pageSizeAt) === pageSize ? undefined : 'its pages are not of a snapshot’s size'
}
