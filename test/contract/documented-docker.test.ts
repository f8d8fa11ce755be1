import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { peerVersion } from '../peers/build.ts'
import { type Answer, json, type RecordedRequest, SandboxServer } from '../sandbox/server.ts'
import { blocks, codeSpans } from '../unit/docs/pages.ts'

const execute = promisify(execFile)
const page = 'docs/runner.md'
const [[run = ''] = []] = blocks('sh')
  .map(({ text }) => text.split('\n'))
  .filter(([first]) => first?.startsWith('docker run'))

/** Does all that it is asked to, of one container. Source: https://docs.docker.com/reference/api/engine/ */
class DockerEngine extends SandboxServer {
  protected override answer({ method, path }: RecordedRequest): Answer {
    if (path === '/_ping') return { status: 200, body: 'OK', headers: { 'api-version': '1.47' } }
    if (method !== 'POST') return json(404, { message: 'no such container' })
    return path.endsWith('/create') ? json(201, { Id: 'c0ffee', Warnings: [] }) : { status: 204 }
  }
}

async function asksFor(command: string): Promise<readonly RecordedRequest[]> {
  await using engine = new DockerEngine()
  await engine.listen()
  const env = { ...process.env, DOCKER_HOST: engine.origin.replace('http:', 'tcp:') }
  await execute('sh', ['-c', command], { env })
  return engine.requests.filter(({ path, method }) => path !== '/_ping' && method === 'POST')
}

// Where no engine can be had (see `docker-box.ts`), Docker's client, which reads the commands, often is there.
describe.skipIf(spawnSync('docker', ['--version']).status !== 0)(`the commands of ${page} for Docker`, () => {
  test('ask for a node that comes back, is open to its peers, and has its RPC on loopback alone', async () => {
    const [create, ...others] = await asksFor(run)
    expect(create?.path).toMatch(/\/containers\/create$/)
    expect(create?.query.get('name')).toBe('ipfs')
    expect(JSON.parse(create?.body ?? '')).toMatchObject({
      Image: `ipfs/kubo:v${peerVersion('kubo')}`,
      HostConfig: {
        Binds: ['/data/ipfs:/data/ipfs'],
        RestartPolicy: { Name: 'unless-stopped' },
        PortBindings: {
          '4001/tcp': [{ HostIp: '', HostPort: '4001' }],
          '4001/udp': [{ HostIp: '', HostPort: '4001' }],
          '5001/tcp': [{ HostIp: '127.0.0.1', HostPort: '5001' }],
        },
      },
    })
    expect(others.map(({ path }) => path)).toContainEqual(expect.stringMatching(/\/c0ffee\/start$/))
  })

  test('without a health check where the RPC asks who it is', async () => {
    const [option = ''] = codeSpans(page).filter((one) => one.startsWith('--no-health'))
    const [create] = await asksFor(run.replace(' -d ', ` -d ${option} `))
    expect(JSON.parse(create?.body ?? '')).toMatchObject({ Healthcheck: { Test: ['NONE'] } })
  })
})
