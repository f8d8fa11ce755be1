import type { RecordedRequest } from '../../sandbox/server.ts'

/** What a request asks for: statuses, limit, and from which second after `start` to which. */
export function askedFor({ path, query }: RecordedRequest, start: number): string {
  if (!path.endsWith('/pins')) return 'one by its requestid'
  const seconds = (name: string) => {
    const bound = query.get(name)
    return bound === null ? '' : (Date.parse(bound) - start) / 1000
  }
  const status = query.get('status') ?? ''
  const asked =
    { 'queued,pinning,pinned,failed': 'all', 'queued,pinning,failed': 'unsettled' }[status] ?? status
  const cids = query.has('cid') ? `of ${query.get('cid')?.split(',').length} ` : ''
  return `${asked} ${query.get('limit')} ${cids}${seconds('after')}..${seconds('before')}`
}
