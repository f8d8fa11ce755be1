import { type Answer, json, type RecordedRequest, SandboxServer } from './server.ts'

const service = '/twirp/github.actions.results.api.v1.CacheService/'

interface Entry {
  readonly key: string
  readonly version: string
  readonly blob: string
}

/**
 * The Actions cache of github.com, in the version that its runners use: a service that gives addresses, and a store of
 * blobs, as Azure's, to which files go and from which they come. As it is asked by @actions/cache 6.
 */
export class ActionsCacheSandbox extends SandboxServer {
  /** What was saved, oldest first. */
  readonly saved: Entry[] = []
  readonly #begun = new Map<string, Entry>()
  readonly #blobs = new Map<string, Buffer>()
  readonly token = 'eyJhbGciOiJub25lIn0.e30.token-of-the-job'

  /** What a runner tells its steps. */
  get env(): Readonly<Record<string, string>> {
    return {
      ACTIONS_CACHE_SERVICE_V2: 'True',
      ACTIONS_RESULTS_URL: `${this.origin}/`,
      ACTIONS_RUNTIME_TOKEN: this.token,
    }
  }

  protected override answer(request: RecordedRequest): Answer {
    const { method, path, headers } = request
    if (path.startsWith('/account/blobs/')) return this.#store(request)
    if (method !== 'POST' || !path.startsWith(service)) return { status: 404 }
    if (headers.authorization !== `Bearer ${this.token}`) return json(401, { msg: 'unauthorized' })
    return this.#serve(path.slice(service.length), JSON.parse(request.body) as Record<string, unknown>)
  }

  #serve(call: string, asked: Readonly<Record<string, unknown>>): Answer {
    const { key, version } = asked as { readonly key: string; readonly version: string }
    if (call === 'CreateCacheEntry') {
      if (this.saved.some((entry) => entry.key === key)) return json(200, { ok: false })
      const blob = `/account/blobs/${this.#begun.size}`
      this.#begun.set(key, { key, version, blob })
      return json(200, { ok: true, signed_upload_url: this.#signed(blob) })
    }
    if (call === 'FinalizeCacheEntryUpload') {
      const entry = this.#begun.get(key)
      const isWhole =
        entry !== undefined && String(this.#blobs.get(entry.blob)?.length) === asked['size_bytes']
      if (isWhole) this.saved.push(entry)
      return json(200, isWhole ? { ok: true, entry_id: '1' } : { ok: false })
    }
    if (call !== 'GetCacheEntryDownloadURL') return { status: 404 }
    const keys = [key, ...((asked['restore_keys'] ?? []) as string[])]
    const found = this.saved.findLast(
      (entry) => entry.version === version && keys.some((prefix) => entry.key.startsWith(prefix)),
    )
    if (found === undefined) return json(200, { ok: false })
    return json(200, { ok: true, signed_download_url: this.#signed(found.blob), matched_key: found.key })
  }

  /** Source: https://learn.microsoft.com/rest/api/storageservices/put-blob */
  #store({ method, path, query, body }: RecordedRequest): Answer {
    if (query.get('sig') !== 'secret-of-the-store') return { status: 403 }
    if (method === 'PUT') {
      this.#blobs.set(path, Buffer.from(body, 'latin1'))
      return { status: 201 }
    }
    const blob = this.#blobs.get(path)
    if (blob === undefined) return { status: 404 }
    return { status: 200, headers: { 'content-length': String(blob.length) }, body: blob }
  }

  #signed(blob: string): string {
    return `${this.origin}${blob}?sig=secret-of-the-store`
  }
}
