import { request } from 'undici'

export interface RpcAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** Its lines as JSON. */
  readonly lines: readonly unknown[]
  readonly trailers: Readonly<Record<string, unknown>>
}

/** Asks a Kubo RPC for a command, such as `pin/ls?type=recursive`, and reads the whole answer. */
export async function rpc(
  apiUrl: string,
  command: string,
  options: { method?: 'GET' | 'POST'; headers?: Readonly<Record<string, string>> } = {},
): Promise<RpcAnswer> {
  const { method = 'POST', headers = {} } = options
  const response = await request(`${apiUrl}/api/v0/${command}`, { method, headers })
  const text = await response.body.text()
  const isJson = response.headers['content-type'] === 'application/json'
  const lines = isJson ? text.split('\n').filter(Boolean) : []
  return {
    status: response.statusCode,
    headers: response.headers,
    text,
    lines: lines.map((line) => JSON.parse(line) as unknown),
    trailers: { ...response.trailers },
  }
}

/** Asks for a command and hangs up once enough has come: what came until then. */
export async function rpcUntil(
  apiUrl: string,
  command: string,
  isEnough: (lines: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const gone = new AbortController()
  const response = await request(`${apiUrl}/api/v0/${command}`, { method: 'POST', signal: gone.signal })
  let text = ''
  for await (const chunk of response.body) {
    text += String(chunk)
    const lines = text.split('\n').slice(0, -1)
    if (!isEnough(lines)) continue
    gone.abort()
    return lines
  }
  throw new Error(`${command} ended before enough had come: ${text}`)
}
