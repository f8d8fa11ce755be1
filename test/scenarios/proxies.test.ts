import { expect, test } from 'vitest'
import { startProxy, startTls } from '../sandbox/forwarders.ts'
import { Cids } from '../sandbox/identity.ts'
import { Mirror } from './mirror.ts'
import type { WrittenReport } from './written-report.ts'

const host = 'pinning.example'

interface Given {
  readonly proxy?: Omit<Parameters<typeof startProxy>[0], 'to'>
  /** `user:password` in the proxy's address, as a URL has them. */
  readonly credentials?: string
  readonly variable?: 'https_proxy' | 'HTTPS_PROXY'
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

/** A run whose service and monitor are behind TLS, under a name that only the proxy knows. */
async function runBehindProxy({
  proxy: options = {},
  credentials = '',
  variable = 'https_proxy',
  inputs = {},
  env = {},
}: Given) {
  await using mirror = await Mirror.start()
  const cid = new Cids(1).next()
  mirror.service.bucket('photos').add({ cid })
  await using service = await startTls(host, Number(new URL(mirror.service.url).port))
  await using proxy = await startProxy({ to: service.port, ...options })
  const address = new URL(proxy.url)
  const at = `${address.protocol}//${credentials && `${credentials}@`}${address.host}`
  const { pathname } = new URL(mirror.service.url)
  const ran = await mirror.run({
    inputs: { endpoint: `https://${host}${pathname}`, issue: 'false', ...inputs },
    env: {
      [variable]: at,
      // The node is asked by plain http, and straight.
      http_proxy: 'http://127.0.0.1:1',
      NODE_EXTRA_CA_CERTS: service.certificate,
      ...env,
    },
  })
  return {
    ran,
    report: ran.report,
    cid,
    proxy: { origin: address.origin, asked: [...proxy.asked], bytes: proxy.bytes() },
  }
}

const errorOf = (report: WrittenReport) => report.errors.map(({ message }) => message).join('\n')

test('the service is asked by tunnels, in which nobody sees a token; the node is asked straight', async () => {
  const { report, cid, proxy } = await runBehindProxy({})
  expect(report).toMatchObject({ conclusion: 'ok', errors: [], backup: { pinned: [{ cid }] } })
  expect(proxy.asked.length).toBeGreaterThan(0)
  for (const { method, target } of proxy.asked) expect([method, target]).toEqual(['CONNECT', `${host}:443`])
  expect(proxy.bytes).not.toMatch(/authorization|bearer/i)
})

test('the upper case is read too; credentials are masked and never shown', async () => {
  const { ran, report, cid } = await runBehindProxy({
    proxy: { credentials: 'me:p@ssword' },
    credentials: 'me:p%40ssword',
    variable: 'HTTPS_PROXY',
  })
  expect(report).toMatchObject({ conclusion: 'ok', backup: { pinned: [{ cid }] } })
  const unmasked = ran.log.split('\n').filter((line) => !line.startsWith('::add-mask::'))
  expect(unmasked.join('\n')).not.toMatch(/ssword/)
  expect(ran.log).toContain('::add-mask::me:p@ssword')
})

test.each([
  [{ credentials: 'me:other' }, /status 407; it asks for credentials: check those in https_proxy/],
  [{ refuses: 502 }, /status 502; check https_proxy/],
])('a proxy that lets nothing through (%j) is named, without its credentials', async (proxy, words) => {
  const { ran, report, proxy: used } = await runBehindProxy({ proxy, credentials: 'me:p%40ssword' })
  expect(report.conclusion).toBe('error')
  expect(errorOf(report)).toContain(
    `through the proxy ${used.origin}: no answer (the proxy does not let it through`,
  )
  expect(errorOf(report)).toMatch(words)
  expect(JSON.stringify(report) + ran.summary).not.toMatch(/ssword/)
})

test('the monitor is asked through it too', async () => {
  const { proxy } = await runBehindProxy({ inputs: { 'heartbeat-url': `https://${host}:8443/ping` } })
  expect(proxy.asked.map(({ target }) => target)).toContain(`${host}:8443`)
})

test('a proxy where nobody is', async () => {
  const { report } = await runBehindProxy({ env: { https_proxy: 'http://127.0.0.1:1' } })
  expect(errorOf(report)).toContain(
    'through the proxy http://127.0.0.1:1: no answer (connect ECONNREFUSED 127.0.0.1:1',
  )
})

test('GitHub is asked through it as well, and not where no_proxy names it', async () => {
  await using mirror = await Mirror.start()
  mirror.service.bucket('photos').add({ cid: new Cids(1).next(), status: 'failed' })
  const github = 'api.mirror.test'
  await using behind = await startTls(github, Number(new URL(mirror.github.origin).port))
  await using proxy = await startProxy({ to: behind.port })
  const env = {
    https_proxy: proxy.url,
    GITHUB_API_URL: `https://${github}`,
    NODE_EXTRA_CA_CERTS: behind.certificate,
  }
  const warnings = async (more: Readonly<Record<string, string>>) =>
    (await mirror.run({ env: { ...env, ...more } })).report.warnings.filter(({ where }) => where === 'issue')

  expect(await warnings({})).toEqual([])
  expect(mirror.github.issues).toHaveLength(1)
  expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set([`${github}:443`]))

  expect(await warnings({ no_proxy: 'mirror.test' })).toEqual([
    { where: 'issue', message: expect.stringMatching(/no answer \(.*api\.mirror\.test/) },
  ])
})

test('a certificate that nobody vouches for gets no token, whatever the environment says', async () => {
  const env = { NODE_EXTRA_CA_CERTS: '', NODE_TLS_REJECT_UNAUTHORIZED: '0' }
  const { ran, report } = await runBehindProxy({ env })
  expect(errorOf(report)).toContain('self-signed certificate')
  expect(ran.asked.service).toEqual([])
})
