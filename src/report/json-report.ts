import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Report } from './report.ts'

/**
 * Writes the JSON report: a reader finds the old one or the new one whole, never half of one. Not indented: of a
 * million entries that would be a third of it, and near the longest string that there can be.
 */
export async function writeReport(path: string, report: Report): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const half = `${path}.${process.pid}.tmp`
  await writeFile(half, `${JSON.stringify(report)}\n`)
  await rename(half, path)
}
