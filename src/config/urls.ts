import { isIP } from 'node:net'
import { isPrivateAddress } from '../domain/hosts.ts'
import { hideCredentials } from './credentials.ts'
import type { Inputs } from './inputs.ts'

/** `endpoint`: without the `/pins` or `/` that it may end in. */
export function readEndpoint(inputs: Inputs): URL {
  const fallback = 'https://api.filebase.io/v1/ipfs'
  const url = readUrl(inputs, 'endpoint', 'tokens belong in `buckets`') ?? new URL(fallback)
  url.pathname = url.pathname.replace(/(?<!\/)\/+$/, '').replace(/\/pins$/, '')
  return url
}

/** `filebase-s3-endpoint`: without the `/` that it may end in. */
export function readS3Endpoint(inputs: Inputs): { readonly url: URL; readonly isGiven: boolean } {
  const fallback = new URL('https://s3.filebase.com')
  const given = readUrl(inputs, 'filebase-s3-endpoint', 'they belong in `filebase-access-key`')
  return { url: given ?? fallback, isGiven: given !== undefined && given.href !== fallback.href }
}

/** No system takes a longer path of a socket, in bytes (macOS; Linux: 107). */
const longestSocketPath = 103

/** `node-url`: without the `/` that it may end in; `unix:` and an absolute path, which holds nothing that a URL escapes. */
export function readNodeUrl(inputs: Inputs): URL {
  const given = inputs.text('node-url')
  if (/^unix:/i.test(given)) return readSocketUrl(inputs, given)
  const fallback = 'http://127.0.0.1:5001'
  const url = readUrl(inputs, 'node-url', 'they belong in `node-authorization`') ?? new URL(fallback)
  // As many a tool's setting has it; the client adds it itself.
  url.pathname = url.pathname.replace(/(?<!\/)\/+$/, '').replace(/\/api\/v0$/, '')
  return url
}

/** Both `unix:/path` and `unix:///path`, as other tools have it. */
function readSocketUrl(inputs: Inputs, given: string): URL {
  const [, path] = /^unix:(?:\/\/)?(\/[\w.@+~=,:-][\w.@+~=,:/-]*)$/i.exec(given) ?? []
  if (path === undefined)
    inputs.problem(
      'node-url',
      'must be the absolute path of a Unix socket after unix:, of letters, digits and ._-@+~=,: only, such as unix:/run/ipfs/api.sock.',
    )
  else if (Buffer.byteLength(path) > longestSocketPath)
    inputs.problem('node-url', `must be the path of a Unix socket of at most ${longestSocketPath} bytes.`)
  return new URL(`unix:${path ?? '/'}`)
}

/** `gateways`: without the `/` or `/ipfs` that each may end in; each once. */
export function readGateways(inputs: Inputs): readonly URL[] {
  const urls = new Map<string, URL>()
  for (const { text } of inputs.lines('gateways')) {
    const url = checkUrl(inputs, 'gateways', text, { credentialsHint: 'none are sent to a gateway' })
    if (url === undefined) continue
    url.pathname = url.pathname.replace(/(?<!\/)\/+$/, '').replace(/\/ipfs$/, '')
    urls.set(url.href, url)
  }
  return [...urls.values()]
}

/** `heartbeat-url`: a secret in itself, for whoever knows it can report in this mirror's name. */
export function readHeartbeatUrl(inputs: Inputs): URL | undefined {
  const given = inputs.text('heartbeat-url')
  inputs.hide(given)
  const url = parseUrl(given)
  if (url !== undefined) {
    inputs.hide(url.href)
    // As its server names it where it does not know it.
    const pieces = [
      ...url.pathname.split('/').filter((piece) => !isWord(piece)),
      ...url.searchParams.values(),
    ]
    for (const piece of [`${url.pathname}${url.search}`, ...pieces]) if (piece.length >= 8) inputs.hide(piece)
  }
  return readUrl(inputs, 'heartbeat-url', 'none are sent to it', { query: true })
}

/** Such as `heartbeat`, or a job's name: what is said would not be readable without. */
function isWord(piece: string): boolean {
  return piece.length < 20 && /^[a-z]+(?:[-_.][a-z]+)*$/i.test(piece)
}

/** Reads a URL; problems never show it, since it may hold credentials. `undefined` where none, or no good one, is given. */
function readUrl(
  inputs: Inputs,
  name: string,
  credentialsHint: string,
  allow: { query?: boolean } = {},
): URL | undefined {
  const given = inputs.text(name)
  return given === '' ? undefined : checkUrl(inputs, name, given, { credentialsHint, ...allow })
}

/** The same of a text of an input that may have several. */
function checkUrl(
  inputs: Inputs,
  name: string,
  given: string,
  { credentialsHint, query }: { readonly credentialsHint: string; readonly query?: boolean },
): URL | undefined {
  const problemsBefore = inputs.problems.length
  // They may well have been tried, and are refused; the password must not be seen for that.
  hideCredentials(inputs, given)
  const url = parseUrl(given)
  if (url === undefined) {
    const meant = name === 'node-url' ? meantBy(given) : undefined
    const hint = meant === undefined ? '' : `: here probably "${meant}"`
    inputs.problem(
      name,
      `must be a URL that begins with https://, or with http:// in a private network${hint}.`,
    )
    return undefined
  }
  if (url.username !== '' || url.password !== '')
    inputs.problem(name, `must not contain credentials: ${credentialsHint}.`)
  if ((url.search !== '' && query !== true) || url.hash !== '')
    inputs.problem(name, `must not contain a ${url.hash === '' ? 'query (`?`)' : 'fragment (`#`)'}.`)
  checkScheme(inputs, name, url)
  return inputs.problems.length === problemsBefore ? url : undefined
}

/** The URL that stands for a host and port, or for a multiaddr as Kubo's config has them; never what may hold a secret. */
function meantBy(given: string): string | undefined {
  const [, host = given, port] =
    /^\/(?:ip[46]|dns[46]?)\/([\w.:-]+)\/tcp\/(\d+)(?:\/https?)?$/.exec(given) ??
    /^([\w.-]+):(\d+)(?:\/(?:api\/v0\/?)?)?$/.exec(given) ??
    []
  if (port !== undefined) return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const [, socket] = /^\/unix(\/[\w./-]+)$/.exec(given) ?? []
  return socket === undefined ? undefined : `unix:${socket}`
}

/** `GITHUB_API_URL`, which the runner sets: `github-token` goes there. */
export function checkApiUrl(inputs: Inputs, apiUrl: string): void {
  const url = parseUrl(apiUrl)
  if (url === undefined) inputs.problem('GITHUB_API_URL', 'must be a URL that begins with https://.')
  else checkScheme(inputs, 'GITHUB_API_URL', url)
}

function parseUrl(text: string): URL | undefined {
  return /^https?:\/\/\S+$/i.test(text) ? (URL.parse(text) ?? undefined) : undefined
}

/** Names are let through over http here: where they lead is seen, and checked, when they are connected to. */
function checkScheme(inputs: Inputs, name: string, url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol === 'https:' || isIP(host) === 0 || isPrivateAddress(host)) return
  inputs.problem(
    name,
    'must be https: plain http, which anyone on the way can read, is for this machine and private networks only.',
  )
}
