import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { havePeers, peerVersion } from '../peers/build.ts'
import { codeSpans, shownIn } from '../unit/docs/pages.ts'
import { dockerPackages, startDockerBox } from './docker-box.ts'
import type { LinuxBox } from './linux-box.ts'

const page = 'docs/runner.md'
const { block, code } = shownIn(page)
const image = `ipfs/kubo:v${peerVersion('kubo')}`
const packages = havePeers('kubo') ? await dockerPackages() : undefined

/** Another machine in the box's network, which sends through it what is for the containers' own network. */
const addNeighbour = `
  ip netns add neighbour
  ip link add eth0 type veth peer name eth0 netns neighbour
  ip addr add 192.0.2.1/24 dev eth0
  ip link set eth0 up
  ip -n neighbour addr add 192.0.2.2/24 dev eth0
  ip -n neighbour link set eth0 up
  ip -n neighbour route add default via 192.0.2.1`

/** Says what a peer says first. */
const greet = (host: string) =>
  `bash -c 'exec 3<> /dev/tcp/${host}/4001; printf "\\x13/multistream/1.0.0\\n" >&3; head -c 20 <&3'`

// Each test goes on where the one before it stopped, as the page does.
describe.skipIf(packages === undefined)(`a box with Docker, by ${page}`, () => {
  let box: LinuxBox
  beforeAll(async () => {
    box = await startDockerBox(packages ?? '', image)
    await box.run(addNeighbour)
  })
  afterAll(() => box[Symbol.asyncDispose]())

  const run = block('docker run')
  const asksForItsVersion = block('curl -X POST').trim()
  const isKubo = { Version: peerVersion('kubo') }
  const version = async (more = '') =>
    JSON.parse((await box.run(`${asksForItsVersion} ${more}`).catch(() => '')) || '{}') as unknown
  const [header = ''] = codeSpans(page).filter((one) => one.startsWith('-H '))
  const inspect = async (what: string) => (await box.run(`docker inspect --format '{{${what}}}' ipfs`)).trim()
  const status = () => box.run("docker ps --format '{{.Status}}'")
  const fromNeighbour = (command: string) => box.run(`ip netns exec neighbour ${command}`)
  const askedAt = (host: string) => asksForItsVersion.replace('127.0.0.1', host)

  const remake = async (change: (command: string) => string) => {
    expect(change(run)).not.toBe(run)
    await box.run(`docker rm --force ipfs && ${change(run)}`)
    await expect.poll(() => version(header)).toMatchObject(isKubo)
  }

  test('has Kubo, which is open to its peers, and its RPC on 127.0.0.1 alone', async () => {
    await box.run(run)
    await expect.poll(() => version()).toMatchObject(isKubo)
    await expect.poll(status).toContain('(healthy)')
    // There is nobody to wait for at its later starts.
    await box.run('docker exec ipfs ipfs bootstrap rm all')
    const listening = (await box.run("ss -Hltun 'sport = 4001 or sport = 5001'")).trim().split('\n')
    expect(
      listening
        .map((line) => line.split(/\s+/))
        .map(([kind, , , , at]) => `${kind} ${at}`)
        .toSorted(),
    ).toEqual([
      'tcp 0.0.0.0:4001',
      'tcp 127.0.0.1:5001',
      'tcp [::]:4001',
      'udp 0.0.0.0:4001',
      'udp [::]:4001',
    ])
    expect(await fromNeighbour(greet('192.0.2.1'))).toContain('/multistream/')
    // curl's own number for a port at which nobody listens.
    for (const ask of [box.run.bind(box), fromNeighbour])
      expect(await ask(`${askedAt('192.0.2.1')} || echo $?`)).toBe('7\n')
  })

  test('is open to neighbours that send to its container, where Docker is older than 28', async () => {
    const address = await inspect('.NetworkSettings.Networks.bridge.IPAddress')
    const major = Number.parseInt(await box.run("docker version --format '{{.Server.Version}}'"), 10)
    const answer = fromNeighbour(`${askedAt(address)} --max-time 30`).then(JSON.parse)
    if (major < 28) expect(await answer).toMatchObject(isKubo)
    else await expect(answer).rejects.toThrow('curl')
  })

  test('has the repository in a folder of its own', async () => {
    const { ID } = JSON.parse(await box.run(askedAt('127.0.0.1').replace('version', 'id')))
    expect(await box.run('cat /data/ipfs/config')).toContain(ID)
  })

  test('is found by its name in a network of containers', async () => {
    await box.run('docker network create mirror && docker network connect mirror ipfs')
    const url = `${code('//ipfs:5001')}/api/v0/version`
    const another = `docker run --rm --network mirror --entrypoint wget ${image}`
    expect(JSON.parse(await box.run(`${another} -q -O - --post-data '' ${url}`))).toMatchObject(isKubo)
  })

  test('comes back when it is killed, and with the engine', async () => {
    await box.run(`kill -KILL ${await inspect('.State.Pid')}`)
    await expect.poll(() => inspect('.RestartCount')).toBe('1')
    await expect.poll(() => version()).toMatchObject(isKubo)
    const started = await inspect('.State.StartedAt')
    await box.run('kill $(cat /run/docker.pid)')
    await expect.poll(() => inspect('.State.StartedAt').catch(() => started)).not.toBe(started)
    await expect.poll(() => version()).toMatchObject(isKubo)
  })

  test('lets in whom it is told to, from a restart on', async () => {
    await box.run(`${code('docker exec')} ${block('API.Authorizations')}`)
    expect(await version()).toMatchObject(isKubo)
    await box.run(code('docker restart'))
    await expect.poll(() => version(header)).toMatchObject(isKubo)
    await expect(box.run(`${asksForItsVersion} --fail`)).rejects.toThrow('403')
    expect(await box.run(`${code('docker exec')} ${code('ipfs --api-auth')}`)).toMatch(/^(\S+ \w+\n)*$/)
  })

  test('is unhealthy to Docker then, until it is made without a health check', async () => {
    await expect.poll(status).toContain('(unhealthy)')
    await remake((command) => command.replace(' -d ', ` -d ${code('--no-health')} `))
    // With the authorisation that it had: the repository is as it was.
    await expect(box.run(`${asksForItsVersion} --fail`)).rejects.toThrow('403')
    expect(await status()).toMatch(/^Up [^()]+$/)
  })

  test('is open to the network, past a firewall, where the RPC’s port is given without an address', async () => {
    const open = code('-p 5001:5001')
    await remake((command) => command.replace(`-p 127.0.0.1:${open.slice(3)}`, open))
    await box.run('iptables --append INPUT --in-interface eth0 --jump DROP')
    expect(JSON.parse(await fromNeighbour(`${askedAt('192.0.2.1')} ${header}`))).toMatchObject(isKubo)
  })
})
