/** Builds dist/, which runners execute as it is. */
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundleInto } from './bundle.ts'

const dist = fileURLToPath(new URL('../dist', import.meta.url))
rmSync(dist, { recursive: true, force: true })
await bundleInto(dist)
