import { fullPage } from '../src/service/pinning-service.ts'

interface Row {
  readonly requestid: string
  readonly created: string
}

/**
 * Lists a bucket as today's scripts do: newest first, a full page at a time, each page asked for when the one before
 * has told where it ends. Repeats the last second, so that it loses none of those who share it.
 * @returns how many requests there are
 */
export async function pageSerially(
  endpoint: string,
  token: string,
): Promise<{ rows: number; asked: number }> {
  const found = new Map<string, Row>()
  let before = ''
  for (let asked = 1; ; asked++) {
    const known = found.size
    const query = `status=queued,pinning,pinned,failed&limit=${fullPage}${before}`
    const answer = await fetch(`${endpoint}/pins?${query}`, { headers: { authorization: `Bearer ${token}` } })
    if (!answer.ok) throw new Error(`the service answers ${answer.status}`)
    const { results } = (await answer.json()) as { results: Row[] }
    for (const row of results) found.set(row.requestid, row)
    const oldest = results.at(-1)
    if (oldest === undefined || found.size === known) return { rows: found.size, asked }
    before = `&before=${new Date(Date.parse(oldest.created) + 1000).toISOString()}`
  }
}
