import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { havePeers, peerBinary, peerVersion } from '../peers/build.ts'
import { codeSpans, read, shownIn } from '../unit/docs/pages.ts'
import { LinuxBox } from './linux-box.ts'

const page = 'docs/runner.md'

const { block, code } = shownIn(page)

// Each test goes on where the one before it stopped, as the page does.
describe.skipIf(!havePeers('kubo') || !LinuxBox.canHaveSystemd())(`a bare Linux, by ${page}`, () => {
  let box: LinuxBox
  beforeAll(async () => {
    box = await LinuxBox.start({ ipfs: peerBinary('kubo') })
  })
  afterAll(() => box[Symbol.asyncDispose]())

  const asksForItsVersion = block('curl -X POST')
  const isKubo = { Version: peerVersion('kubo') }
  const version = async (more = '') =>
    JSON.parse((await box.run(`${asksForItsVersion.trim()} ${more}`)) || '{}') as unknown

  test('has Kubo as a service, whose RPC nobody else reaches, and which comes back', async () => {
    await box.run(block('useradd --system'))
    const [, unit = ''] = /then this as `([^`]+)`/.exec(read(page)) ?? []
    await box.run(`cat > ${unit}`, { input: block('[Unit]', 'ini') })
    expect(await box.run(`systemd-analyze verify ${unit} 2>&1`)).toBe('')
    await box.run(code('systemctl enable'))
    await expect.poll(() => version()).toMatchObject(isKubo)
    expect(await box.run('ps -o user= -C ipfs')).toBe('ipfs\n')
    const listening = (await box.run("ss -Hltn 'sport = 5001'")).trim().split('\n')
    expect(listening.map((line) => line.split(/\s+/)[3])).toEqual(['127.0.0.1:5001'])
    expect(await box.run('systemctl is-enabled ipfs')).toBe('enabled\n')
    await box.run('systemctl kill --signal KILL ipfs')
    await expect.poll(() => box.run('systemctl show --property NRestarts ipfs')).toBe('NRestarts=1\n')
    await expect.poll(() => version()).toMatchObject(isKubo)
  })

  test('lets in whom it is told to, from a restart on', async () => {
    await box.run(`${code('sudo -u ipfs env')} ${block('API.Authorizations')}`)
    expect(await version()).toMatchObject(isKubo)
    await box.run(code('systemctl restart'))
    const [header] = codeSpans(page).filter((one) => one.startsWith('-H '))
    await expect.poll(() => version(header)).toMatchObject(isKubo)
    await expect(version('--fail')).rejects.toThrow('403')
    const [asOwner = ''] = codeSpans(page).filter((one) => one.startsWith('ipfs --api-auth'))
    const anywhere = `${asOwner.replace(' pin ', ` ${code('--api /ip4')} pin `)}`
    expect(await box.run(anywhere)).toMatch(/^(\S+ \w+\n)*$/)
  })

  test('has a user for the runner, who alone owns the snapshot’s folder', async () => {
    const [add = '', become = ''] = block('sudo -iu').split('\n')
    await box.run(add)
    expect(await box.run(become, { input: 'id -un; pwd; id -Gn' })).toBe('runner\n/home/runner\nrunner\n')
    const make = block('sudo install')
    await box.run(make)
    const folder = make.trim().split(' ').at(-1)
    expect(await box.run(`stat -c '%U %a' ${folder}`)).toBe('runner 755\n')
  })

  test('leads to where the runner is, as the administrator, to make it a service', async () => {
    // GitHub's own script would ask GitHub.
    await box.run(
      `mkdir -m 700 ~runner/actions-runner && cat > ~runner/actions-runner/svc.sh
      chmod +x ~runner/actions-runner/svc.sh && chown -R runner: ~runner && chmod 700 ~runner`,
      {
        input: '#!/bin/sh\necho "$(id -un) $PWD $*"\n',
      },
    )
    const says = (word: string) => `root /home/runner/actions-runner ${word}\n`
    expect(await box.run(block('svc.sh'))).toBe(['install runner', 'start', 'status'].map(says).join(''))
  })
})
