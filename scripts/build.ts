/** Builds dist/, which runners execute as it is: TypeScript to build/, then each entry point to a folder of its own. */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'inherit' })

for (const folder of ['build', 'dist']) rmSync(folder, { recursive: true, force: true })
run('tsc', '-p', 'tsconfig.build.json')
for (const entry of ['main', 'post'])
  run(
    'ncc',
    ...['build', `build/${entry}.js`, '-o', `dist/${entry}`, '--no-cache'],
    // Whose code is bundled, and under which terms: most licences ask for that. One file per chunk: with a single name, the
    // last chunk's file would overwrite the others.
    ...['--license', '[name].licenses.txt'],
  )
