import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify, stripVTControlCharacters } from 'node:util'
import { installFolder } from '../peers/npm-folder.ts'

const execute = promisify(execFile)
const suite = '@ipfs-shipyard/pinning-service-compliance'
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Installs the suite beside this file where it is not yet: some 100 MB, half a minute. Throws where it can't be had. */
export function installSuite(): Promise<void> {
  return installFolder(new URL('./', import.meta.url), suite)
}

/** Runs all checks against a service that has no pins, one request a second: 45 s. Gives what it prints. */
export async function runSuite(endpoint: string, token: string): Promise<string> {
  const program = here(`./node_modules/${suite}/dist/src/index.js`)
  const args = ['--import', here('./at-hand.ts'), program, '--serviceAndToken', endpoint, token]
  const reports = mkdtempSync(join(tmpdir(), 'compliance-'))
  using _ = { [Symbol.dispose]: () => rmSync(reports, { recursive: true, force: true }) }
  const env = { ...process.env, COMPLIANCE_REPORTS: reports }
  const { stdout, stderr } = await execute(process.execPath, args, { env })
  return stripVTControlCharacters(stdout + stderr)
}
