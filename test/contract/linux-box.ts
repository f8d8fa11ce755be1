import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { endWithThisProcess } from '../peers/daemon.ts'

const setUp = fileURLToPath(new URL('linux-box.sh', import.meta.url))
const systemd = ['/lib/systemd/systemd', '--unit=multi-user.target'] as const
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const groups = '$(findmnt -nt cgroup2 -o TARGET | head -n 1)'

/** In a control group of its own, as systemd takes for its own all those below the one it starts in. */
const inNamespaces = `
  group=${groups}/linux-box-$$
  mkdir "$group" && echo $$ > "$group/cgroup.procs" || exit
  exec unshare --cgroup --ipc --mount --net --pid --uts --fork --kill-child sh "$0" "$@"`

/** Its processes may take a moment to be gone. */
const removeGroup = `
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    find ${groups}/linux-box-$0 -depth -type d -exec rmdir {} + 2>/dev/null && exit
    sleep 0.2
  done`

/** Of services of the machine that can't start in the box nothing is asked. */
const untilUp = `
  until [ -S /run/systemd/private ]; do sleep 0.1; done
  systemctl is-system-running --wait || true`

/** What `sudo` does for who may do everything, where it is not installed. */
const sudo = `#!/bin/sh
case $1 in
  -u) user=$2; shift 2; exec runuser -u "$user" -- "$@" ;;
  -iu) exec runuser --login "$2" ;;
  *) exec "$@" ;;
esac
`

interface Options {
  /** Its first process, which is no `sh`: that sets the box up. Default: systemd. */
  readonly first?: readonly [string, ...string[]]
  /** A folder of what it has besides, see `debian` in `test/peers`. */
  readonly packages?: string
}

/** A Linux box: this machine's, but that whatever is done there is in memory, and gone with it. */
export class LinuxBox implements AsyncDisposable {
  readonly #things: AsyncDisposableStack
  /** Of its first process, as this machine knows it. */
  readonly #pid: string

  private constructor(things: AsyncDisposableStack, pid: string) {
    this.#things = things
    this.#pid = pid
  }

  /** Whether one with systemd can be had here. */
  static canHaveSystemd(): boolean {
    const needed = `test -x ${systemd[0]} && command -v systemctl useradd runuser`
    return spawnSync('sh', ['-c', needed]).status === 0 && LinuxBox.canBeMade()
  }

  /** Whether one can be had here: it takes a Linux, and who is root there. */
  static canBeMade(): boolean {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
    if (spawnSync('sh', ['-c', 'command -v nsenter setpriv findmnt ip']).status !== 0) return false
    const folder = newFolder()
    const child = spawnSync('sh', ['-c', inNamespaces, setUp, folder, '', 'true'])
    spawnSync('sh', ['-c', removeGroup, String(child.pid)])
    rmSync(folder, { recursive: true })
    return child.status === 0
  }

  /** @param programs paths of what is in `/usr/local/bin` there, by name */
  static async start(
    programs: Readonly<Record<string, string>>,
    { first = systemd, packages = '' }: Options = {},
  ): Promise<LinuxBox> {
    await using things = new AsyncDisposableStack()
    const folder = newFolder()
    things.defer(() => rmSync(folder, { recursive: true }))
    for (const [name, program] of Object.entries(programs)) await copyFile(program, join(folder, name))
    if (spawnSync('sh', ['-c', 'command -v sudo']).status !== 0)
      await writeFile(join(folder, 'sudo'), sudo, { mode: 0o755 })
    const child = spawn('sh', ['-c', inNamespaces, setUp, folder, packages, ...first], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    endWithThisProcess(child)
    const closed = once(child, 'close')
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-5_000)
    })
    things.defer(async () => {
      child.kill('SIGKILL')
      await closed
      spawnSync('sh', ['-c', removeGroup, String(child.pid)])
    })
    for (const end = Date.now() + 120_000; ; await sleep(100)) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`the box does not start: ${errors}`)
      const pid = await firstProcess(child.pid, first[0])
      if (pid === undefined) continue
      if (first === systemd) await runIn(pid, untilUp)
      return new LinuxBox(things.move(), pid)
    }
  }

  /**
   * Runs words of the shell as the box's administrator.
   * @returns what they print; throws where they fail
   */
  async run(command: string, { input = '' } = {}): Promise<string> {
    return runIn(this.#pid, command, input)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#things.disposeAsync()
  }
}

async function runIn(pid: string, command: string, input = ''): Promise<string> {
  const shell = ['env', '-i', `PATH=${path}`, 'HOME=/root', 'bash', '-c', command]
  return new Promise((resolve, reject) => {
    const child = execFile('nsenter', ['--target', pid, '--all', ...shell], (error, output, errors) => {
      if (error === null) resolve(output)
      else reject(new Error(`${command}: ${output}${errors}`, { cause: error }))
    })
    child.stdin?.end(input)
  })
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'linux-box-'))
}

/** The process that `unshare` started, once it is what is to be the first one. */
async function firstProcess(parent: number | undefined, program: string): Promise<string | undefined> {
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8').catch(() => '')
  const [pid = ''] = children.split(' ')
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return pid !== '' && command.startsWith(`${program}\0`) ? pid : undefined
}
