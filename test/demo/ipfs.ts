import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { Daemon } from '../peers/daemon.ts'
import type { DemoNode } from './node.ts'
import { temporaryFolder } from './temporary-folder.ts'

const execute = promisify(execFile)

/** Where the user's `ipfs` command is; `undefined` where there is none. */
export function findIpfs(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, 'ipfs')).find(isExecutable)
}

/** Starts a real Kubo node that is offline, in a repository of its own: the user's is not touched. */
export async function realNode(ipfs: string): Promise<DemoNode> {
  const folder = temporaryFolder('demo-ipfs')
  const env = { IPFS_PATH: folder, IPFS_TELEMETRY: 'off' }
  // The profile `test` has random ports on loopback, and no bootstrap peers.
  await execute(ipfs, ['init', '--profile=test'], { env: { ...process.env, ...env } })
  const daemon = new Daemon(ipfs, ['daemon', '--offline', '--migrate=false'], env)
  await daemon.ready((output) => output.includes('Daemon is ready') && existsSync(join(folder, 'api')))
  const port = readFileSync(join(folder, 'api'), 'utf8').trim().split('/').at(-1)
  const url = `http://127.0.0.1:${port}`
  return {
    is: 'a real Kubo node, offline, in a repository of its own that is thrown away',
    url,
    kind: 'identity',
    async pin(cids) {
      for (let at = 0; at < cids.length; at += 100) {
        const query = new URLSearchParams(
          cids.slice(at, at + 100).map((cid): [string, string] => ['arg', cid]),
        )
        await ask(`${url}/api/v0/pin/add?${query}`)
      }
    },
    lose() {},
    slowDown() {},
    async offer({ bytes }) {
      const body = new FormData()
      body.append('file', new Blob([bytes]))
      await ask(`${url}/api/v0/block/put?cid-codec=raw`, body)
    },
    [Symbol.asyncDispose]: () => daemon.stop(),
  }
}

async function ask(url: string, body?: FormData): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: body ?? null })
  if (!response.ok) throw new Error(`the node answered ${response.status}: ${await response.text()}`)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
