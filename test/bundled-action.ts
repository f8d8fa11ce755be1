import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const project = fileURLToPath(new URL('../', import.meta.url))

/**
 * Before tests that start the action as a process: bundles its source, which takes a second. A small run of it takes a
 * third of the time that loading its modules one by one takes. What users run is made by `npm run build`; see `e2e/`.
 */
export default async function setup(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'bundled-action-'))
  await build({
    cwd: project,
    input: ['src/main.ts', 'src/post.ts'],
    platform: 'node',
    output: { dir: folder },
    logLevel: 'warn',
  })
  process.env['BUNDLED_ACTION'] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}

/** What starts a step: a script, bundled or else the source, and where Node.js keeps it compiled. */
export function stepOf(name: 'main' | 'post'): { readonly script: string; readonly compileCache: string } {
  const folder = process.env['BUNDLED_ACTION']
  return folder === undefined
    ? { script: join(project, `src/${name}.ts`), compileCache: join(tmpdir(), 'node-compile-cache') }
    : { script: join(folder, `${name}.js`), compileCache: join(folder, 'compile-cache') }
}
