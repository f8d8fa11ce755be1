import { getProxyUrl } from '@actions/http-client/lib/proxy'
import { hideCredentials } from './credentials.ts'
import type { Inputs } from './inputs.ts'

/**
 * The proxy that this machine has for a URL, found as the runner and GitHub's toolkit find it: `https_proxy` and
 * `no_proxy`, in lower or upper case; this machine itself is never asked through one. Plain http has none: it goes to
 * private networks only, which is seen where a name leads here, and a proxy would read the token.
 */
export function proxyFor(url: URL): URL | undefined {
  const found = url.protocol === 'https:' ? getProxyUrl(url) : undefined
  // The toolkit's own URL gives its credentials decoded, and who asks it decodes them once more.
  return (found && addressOf(found.href)) ?? undefined
}

/** Masks the credentials of proxies, and checks the one that `proxyFor` may find. */
export function checkProxies(inputs: Inputs, env: NodeJS.ProcessEnv): void {
  for (const name of ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'])
    hideCredentials(inputs, env[name] ?? '')
  const name = env['https_proxy'] ? 'https_proxy' : 'HTTPS_PROXY'
  const given = env[name]
  if (!given || /^https?:$/.test(addressOf(given)?.protocol ?? '')) return
  inputs.problem(name, 'must be the address of a proxy that begins with http:// or https://.')
}

/** Without `//`, `proxy.lan:3128` would be a URL of the scheme `proxy.lan`, which the toolkit takes it for. */
function addressOf(given: string): URL | null {
  return URL.parse(given.includes('://') ? given : `http://${given}`)
}
