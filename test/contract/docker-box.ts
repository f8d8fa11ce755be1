import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { peerBinary, sourceOf } from '../peers/build.ts'
import { debian } from '../peers/debian.ts'
import { LinuxBox } from './linux-box.ts'

const buildImage = fileURLToPath(new URL('docker-image.sh', import.meta.url))

/**
 * Which iptables the kernel can do shows when it lists something. On an overlay, as the box is, Docker keeps no layers.
 * Names are asked for at the box, which refuses at once: there is no network in which to wait for an answer.
 */
const engine = `
  for kind in nft legacy; do
    for name in iptables ip6tables; do ln -sf xtables-$kind-multi /usr/sbin/$name; done
    iptables --table nat --list > /dev/null 2>&1 && break
  done
  mkdir -p /var/lib/docker
  mount -t tmpfs tmpfs /var/lib/docker
  while true; do
    dockerd --dns 172.17.0.1 >> /var/log/dockerd.log 2>&1
    sleep 1
  done`

/** The client is the engine's own, whatever the machine has besides. */
const untilUp = `
  ln -sf /usr/bin/docker /usr/local/bin/docker
  for _ in $(seq 600); do
    docker version > /dev/null 2>&1 && exit
    sleep 0.2
  done
  tail -n 20 /var/log/dockerd.log
  exit 1`

/** What a box with Docker is made of; `undefined`, and why in a line, where it can't be had. */
export async function dockerPackages(): Promise<string | undefined> {
  if (LinuxBox.canBeMade()) return debian('docker.io', 'iptables', 'busybox-static', 'gosu', 'tini')
  console.warn('Skipping the tests with a Docker engine: no box with namespaces of its own can be made here.')
  return undefined
}

/**
 * A Linux box with a Docker engine, which starts again whenever it ends, and with Kubo's image: built by Kubo's own
 * Dockerfile of the program that all tests run against.
 */
export async function startDockerBox(packages: string, image: string): Promise<LinuxBox> {
  const source = await sourceOf('kubo')
  const file = await readFile(join(source, 'Dockerfile'), 'utf8')
  const scripts = ['container_daemon', 'container_init_run'].map((name) => join(source, 'bin', name))
  const all = [...scripts, buildImage, peerBinary('kubo')]
  const programs = Object.fromEntries(all.map((path) => [basename(path), path]))
  await using things = new AsyncDisposableStack()
  const box = things.use(await LinuxBox.start(programs, { first: ['bash', '-c', engine], packages }))
  await box.run(untilUp)
  await box.run(`sh /usr/local/bin/docker-image.sh ${image}`, { input: lastStage(file) })
  things.move()
  return box
}

/** The image itself; those that it takes files from are made without Docker's registry. */
function lastStage(file: string): string {
  const stage = file.slice(file.lastIndexOf('\nFROM ') + 1)
  return (
    stage
      // Only another builder, a part of its own, knows it: the files come with the mode.
      .replaceAll(' --chmod=755', '')
      // What it says after half a minute it says after seconds.
      .replace(/--interval=\S+/, '--interval=2s')
  )
}
