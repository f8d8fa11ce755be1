import { request } from 'undici'

/** Of one CID at each peer; by https://ipfscluster.io/documentation/reference/api/. */
export interface Status {
  readonly cid: string
  readonly name: string
  /** `null` of one that was never given. */
  readonly allocations: readonly string[] | null
  readonly peer_map: Readonly<
    Record<string, { readonly status: string; readonly error: string; readonly attempt_count: number }>
  >
}

/** The REST API of a cluster, asked as it is: answers of any status, line by line. */
export class ClusterRest {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async ask(path: string, method: 'GET' | 'POST' = 'GET') {
    const response = await request(`${this.#url}/${path}`, { method })
    const text = await response.body.text()
    const lines = text.split('\n').filter(Boolean)
    return {
      status: response.statusCode,
      lines: lines.map((line) => JSON.parse(line) as unknown),
      trailers: { ...response.trailers },
    }
  }

  async statusOf(cid: string): Promise<Status> {
    return (await this.ask(`pins/${cid}`)).lines[0] as Status
  }

  /** By itself a cluster takes the peers with the most free space, which may always be the same two. */
  giveTo(peerId: string, cid: string) {
    return this.ask(`pins/${cid}?user-allocations=${peerId}`, 'POST')
  }
}

/** What the peers say, sorted. */
export function statuses({ peer_map }: Status): readonly string[] {
  return Object.values(peer_map)
    .map(({ status }) => status)
    .sort()
}

export function holdersOf({ allocations }: Status): readonly string[] {
  return allocations ?? []
}
