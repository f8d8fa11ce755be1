import { type Answer, type RecordedRequest, SandboxServer } from './server.ts'

export interface S3Options {
  /** The names of an account's buckets, by its access key. */
  readonly accounts: Readonly<Record<string, readonly string[]>>
  /** Buckets of one answer. Default: all. */
  readonly pageSize?: number
}

/** Starts the S3 API of a service on loopback, as far as it lists buckets. A real one checks signatures: see test/s3. */
export function startS3(options: S3Options): Promise<SandboxS3> {
  return new SandboxS3(options).listen()
}

export class SandboxS3 extends SandboxServer {
  readonly #options: S3Options

  constructor(options: S3Options) {
    super()
    this.#options = options
  }

  get url(): string {
    return this.origin
  }

  protected override answer({ method, path, query, headers }: RecordedRequest): Answer {
    if (method !== 'GET' || path !== '/') return s3Error(405, 'MethodNotAllowed')
    const signed = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/us-east-1\/s3\/aws4_request, /
    const [, accessKey = ''] = signed.exec(headers.authorization ?? '') ?? []
    const names = this.#options.accounts[accessKey]
    if (names === undefined) return s3Error(403, 'InvalidAccessKeyId')
    const { pageSize = names.length } = this.#options
    const from = Number(query.get('continuation-token') ?? '0')
    const to = from + pageSize
    return bucketList(names.slice(from, to), to < names.length ? String(to) : undefined)
  }
}

/** What S3 answers to ListBuckets. */
export function bucketList(names: readonly string[], next?: string): Answer {
  const buckets = names.map(
    (name) =>
      `<Bucket><Name>${escaped(name)}</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket>`,
  )
  const more = next === undefined ? '' : `<ContinuationToken>${escaped(next)}</ContinuationToken>`
  return xml(
    200,
    `<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>1</ID></Owner><Buckets>${buckets.join('')}</Buckets>${more}</ListAllMyBucketsResult>`,
  )
}

export function s3Error(status: number, code: string): Answer {
  return xml(status, `<Error><Code>${code}</Code><Message>It says why.</Message></Error>`)
}

export function xml(status: number, body: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  }
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
