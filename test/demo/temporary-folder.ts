import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Without a listener these end the process, but not by its exit event.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

/** A folder that is gone when this process is, however it ends (but by SIGKILL). */
export function temporaryFolder(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `${name}-`))
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  return path
}
