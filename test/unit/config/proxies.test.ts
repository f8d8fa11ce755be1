import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Inputs } from '../../../src/config/inputs.ts'
import { checkProxies, proxyFor } from '../../../src/config/proxies.ts'
import { Secrets } from '../../../src/secrets/secrets.ts'

const names = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'no_proxy', 'NO_PROXY']
beforeEach(() => {
  for (const name of names) vi.stubEnv(name, undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const proxyOf = (url: string, env: Readonly<Record<string, string>>) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  return proxyFor(new URL(url))?.href
}

const service = 'https://api.filebase.io/v1/ipfs'
const proxy = 'http://proxy.lan:3128'

describe('the proxy for a URL', () => {
  test.each([
    [service, { https_proxy: proxy }, 'http://proxy.lan:3128/'],
    [service, { HTTPS_PROXY: proxy }, 'http://proxy.lan:3128/'],
    [service, { https_proxy: 'https://proxy.lan' }, 'https://proxy.lan/'],
    [service, { https_proxy: 'proxy.lan:3128' }, 'http://proxy.lan:3128/'],
    [service, { https_proxy: '10.0.0.1:3128' }, 'http://10.0.0.1:3128/'],
    // Escaped as it was given: `100%` is the password.
    [service, { https_proxy: 'http://me:100%25@proxy.lan' }, 'http://me:100%25@proxy.lan/'],
    [service, { http_proxy: proxy }, undefined],
    [service, {}, undefined],
    ['http://10.0.0.7:9097', { http_proxy: proxy, https_proxy: proxy }, undefined],
    ['https://localhost:8443', { https_proxy: proxy }, undefined],
    ['https://127.0.0.1:8443', { https_proxy: proxy }, undefined],
    [service, { https_proxy: proxy, no_proxy: 'example.com,.filebase.io' }, undefined],
    [service, { https_proxy: proxy, NO_PROXY: 'filebase.io' }, undefined],
    [service, { https_proxy: proxy, no_proxy: 'api.filebase.io:443' }, undefined],
    [service, { https_proxy: proxy, no_proxy: 'api.filebase.io:8443' }, 'http://proxy.lan:3128/'],
    [service, { https_proxy: proxy, no_proxy: '*' }, undefined],
  ])('%s with %j is %s', (url, env, expected) => {
    expect(proxyOf(url, env)).toBe(expected)
  })
})

function check(env: Record<string, string>): { masked: string[]; problems: readonly string[] } {
  const masked: string[] = []
  const inputs = new Inputs({}, new Secrets((secret) => masked.push(secret)))
  checkProxies(inputs, env)
  return { masked, problems: inputs.problems }
}

test.each(['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'])(
  'the credentials in %s are masked, in each form in which they may be seen',
  (name) => {
    const { masked, problems } = check({ [name]: 'http://me:p%40ss@proxy.lan:3128' })
    const basic = Buffer.from('me:p@ss').toString('base64')
    expect(masked.toSorted()).toEqual(['me:p%40ss', 'me:p@ss', 'p%40ss', 'p@ss', basic].toSorted())
    expect(problems).toEqual([])
  },
)

test.each(['socks5://me:secret@proxy.lan', 'http://', 'ftp://proxy.lan'])('%s is no proxy', (https_proxy) => {
  const { problems } = check({ https_proxy })
  expect(problems).toEqual([expect.stringContaining('`https_proxy` must be the address of a proxy')])
  expect(problems.join()).not.toContain('secret')
})

test.each(['http://proxy.lan:3128', 'https://proxy.lan', 'proxy.lan:3128', ''])(
  '%s is fine',
  (https_proxy) => {
    expect(check({ https_proxy })).toEqual({ masked: [], problems: [] })
  },
)
