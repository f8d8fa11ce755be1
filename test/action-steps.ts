import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const project = fileURLToPath(new URL('../', import.meta.url))

/**
 * What starts a step of the action: a script, and where Node.js keeps it compiled. It is the bundle that
 * `bundled-action.ts` made, or else the source.
 */
export function stepOf(name: 'main' | 'post'): { readonly script: string; readonly compileCache: string } {
  const folder = process.env['BUNDLED_ACTION']
  return folder === undefined
    ? { script: join(project, `src/${name}.ts`), compileCache: join(tmpdir(), 'node-compile-cache') }
    : { script: join(folder, name, 'index.js'), compileCache: join(folder, 'compile-cache') }
}
