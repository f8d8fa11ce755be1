import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Opens a file as the desktop does; says so where there is none. */
export async function openInBrowser(path: string): Promise<void> {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open'
  try {
    await execute(command, [path])
  } catch (error) {
    console.log(`It could not be opened with ${command}: ${(error as Error).message}`)
  }
}
