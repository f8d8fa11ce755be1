import { afterAll, describe, expect, test } from 'vitest'
import type { Config } from '../../../src/config/types.ts'
import { Http } from '../../../src/http/http.ts'
import { Kubo } from '../../../src/node/kubo/kubo.ts'
import { RunTime } from '../../../src/run-time.ts'
import { whatIsUndiallable } from '../../../src/update/undiallable.ts'
import { startKubo } from '../../sandbox/kubo.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const at = '/ip4/8.8.8.8/tcp/4001'
const noAddress = 'no public address'
const notDialled = 'others cannot dial it'

interface Given {
  readonly addresses: readonly string[]
  readonly autonat: object | undefined
  readonly origins?: Config['origins']
  readonly endpoint?: string
  /** Of the question whether it can be dialled. */
  readonly refusal?: { readonly status: number; readonly body: string }
}

/** The warnings before an update, and the lines of the log. */
async function warningsWith({ addresses, autonat, origins = 'auto', endpoint, refusal }: Given) {
  await using server = await startKubo({ addresses })
  server.autonat = autonat
  server.intercept = ({ path }) => (path.endsWith('/autonat') ? refusal : undefined)
  const node = new Kubo({ http, url: new URL(server.url), authorization: undefined })
  using time = new RunTime(new AbortController().signal, 600_000)
  const lines: string[] = []
  const warnings = await whatIsUndiallable(
    {
      config: { origins, endpoint: new URL(endpoint ?? 'https://93.184.216.34/v1') },
      node,
      log: { info: (line: string) => lines.push(line) },
      time,
    },
    await node.identify(time.inTime),
  )
  return { warnings, lines }
}

describe('a node that', () => {
  test.each([
    ['has no public address', ['/ip4/192.168.1.7/tcp/4001'], { reachability: 'Unknown' }, 'auto', noAddress],
    ['has none, and does not know autonat', [], undefined, 'auto', noAddress],
    ['says that it is private', [at], { reachability: 'Private' }, 'auto', notDialled],
    ['says so, and is given no origins', [at], { reachability: 'Private' }, 'none', notDialled],
    ['was dialled in vain', [at], { reachability: 'Unknown', unreachable: [at] }, 'auto', notDialled],
    [
      'is behind its provider’s NAT',
      [],
      { reachability: 'Private', nat: 'cgnat' },
      'auto',
      'NAT of your Internet',
    ],
  ] as const)('%s is said at once, and what to do', async (_, addresses, autonat, origins, why) => {
    const { warnings, lines } = await warningsWith({ addresses, autonat, origins })
    expect(warnings).toMatchObject([
      { where: 'origins', message: expect.stringContaining(why), isError: false },
    ])
    expect(warnings[0]?.message).toContain('swarm port')
    expect(lines).toEqual([expect.stringContaining(why)])
  })

  test.each([
    ['was dialled', { reachability: 'Public', reachable: [at] }],
    ['does not know yet', { reachability: 'Unknown' }],
    ['does not say', undefined],
  ])('has a public address and %s is no reason to warn', async (_, autonat) => {
    expect(await warningsWith({ addresses: [at], autonat })).toEqual({ warnings: [], lines: [] })
  })

  test('fails to say so is no reason to warn', async () => {
    const refusal = { status: 403, body: '403 - Forbidden' }
    const { warnings, lines } = await warningsWith({ addresses: [at], autonat: undefined, refusal })
    expect(warnings).toEqual([])
    expect(lines).toEqual([expect.stringContaining('Whether the node can be dialled is not known: ')])
  })

  test.each(['http://pins.example.org/v1', 'https://192.168.1.5/', 'https://127.0.0.1:9097'])(
    'has only private addresses may do with a service of the same network: %s',
    async (endpoint) => {
      const addresses = ['/ip4/192.168.1.7/tcp/4001']
      const told = await warningsWith({ addresses, autonat: { reachability: 'Private' }, endpoint })
      expect(told).toEqual({ warnings: [], lines: [] })
    },
  )
})
