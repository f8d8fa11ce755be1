import { createHash } from 'node:crypto'

/**
 * Names a mirror, `cache-key` and `endpoint` together, in 16 hex digits: what its snapshot, its cache, its lock and
 * its tracking issue are known by.
 */
export function mirrorId(cacheKey: string, endpoint: URL): string {
  return createHash('sha256').update(`${cacheKey}\0${endpoint.href}`).digest('hex').slice(0, 16)
}
