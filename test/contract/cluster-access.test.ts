import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { Cluster } from '../peers/cluster.ts'
import { identityCid, Kubo } from '../peers/kubo.ts'
import { Mirror } from '../scenarios/mirror.ts'
import { blocks } from '../unit/docs/pages.ts'

/** Among what is searched for wherever it must not be. */
const password = 'secret-of-the-node'

/** How the page has a certificate made, for this machine. */
function certificateAsShown(folder: string): { readonly certificate: string; readonly key: string } {
  const command = blocks('sh').find(
    ({ page, text }) => page === 'docs/cluster.md' && text.includes('openssl'),
  )
  if (command === undefined) throw new Error('docs/cluster.md shows no certificate')
  execFileSync('bash', ['-euc', command.text.replaceAll('BOX1', '127.0.0.1')], {
    cwd: folder,
    stdio: 'ignore',
  })
  return { certificate: join(folder, 'rest.pem'), key: join(folder, 'rest.key') }
}

describe.skipIf(!havePeers('kubo', 'cluster'))('a real cluster that speaks TLS and asks who it is', () => {
  let folder: string
  let certificate: string
  let kubo: Kubo
  let cluster: Cluster
  let count = 0
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cluster-access-'))
    const files = certificateAsShown(folder)
    certificate = files.certificate
    kubo = await Kubo.start()
    cluster = await Cluster.start(kubo, {
      replication: 1,
      restUsers: { mirror: password },
      restCertificate: files,
    })
  })
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]()
    await kubo?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A run of the action for a CID that the cluster lacks. */
  const backUp = async (authorization: string, env = { NODE_EXTRA_CA_CERTS: certificate }) => {
    await using mirror = await Mirror.start()
    const cid = identityCid(`number ${count++}`)
    mirror.service.bucket('photos').add({ cid })
    const node = {
      'node-kind': 'cluster',
      'node-url': cluster.restUrl,
      'node-authorization': authorization,
    }
    const ran = await mirror.run({ inputs: { ...node, 'stall-timeout': '2m' }, env })
    return { ran, report: ran.report, isThere: (await kubo.pins()).has(cid) }
  }
  const tokenByPassword = async () => {
    const dispatcher = new Agent({ connect: { ca: readFileSync(certificate) } })
    const authorization = `Basic ${Buffer.from(`mirror:${password}`).toString('base64')}`
    const options = { method: 'POST', headers: { authorization }, dispatcher } as const
    const { body } = await request(`${cluster.restUrl}/token`, options)
    const { token } = (await body.json()) as { token: string }
    await dispatcher.close()
    return token
  }

  test('lets a user in by password, and by a token of its own, of which nobody hears', async () => {
    const byPassword = await backUp(`basic:mirror:${password}`)
    expect(byPassword.report).toMatchObject({ conclusion: 'ok', errors: [], node: { kind: 'cluster' } })
    expect(byPassword.isThere).toBe(true)

    const token = await tokenByPassword()
    const { ran, report, isThere } = await backUp(`bearer:${token}`)
    expect(report).toMatchObject({ conclusion: 'ok', errors: [] })
    expect(isThere).toBe(true)
    const log = ran.log.replace(/^::add-mask::.*$/gm, '')
    expect(JSON.stringify([log, ran.summary, report])).not.toContain(token)
  })

  test.each([
    ['nothing', ''],
    ['another password', `basic:mirror:not-${password}`],
    ['a token of nobody’s', 'bearer:eyJhbGciOiJIUzI1NiJ9.e30.nothing'],
  ])('takes nothing from who brings %s', async (_, authorization) => {
    const { report, isThere } = await backUp(authorization)
    expect(report).toMatchObject({ conclusion: 'error', node: null })
    expect(report.errors).toMatchObject([
      { where: 'node', message: expect.stringMatching(/refuses \/id \(status 401\).*node-authorization/) },
    ])
    expect(isThere).toBe(false)
  })

  test('is not believed to be who it is where its certificate is not known, and the error says what to do', async () => {
    const { report, isThere } = await backUp(`basic:mirror:${password}`, { NODE_EXTRA_CA_CERTS: '' })
    expect(report).toMatchObject({ conclusion: 'error', node: null })
    expect(report.errors[0]?.message).toMatch(/self-signed certificate.*NODE_EXTRA_CA_CERTS/)
    expect(isThere).toBe(false)
  })
})
