import { Cids } from '../../sandbox/identity.ts'
import { filebase } from '../../sandbox/pinning-service.ts'
import type { RecordedRequest } from '../../sandbox/server.ts'
import { UpdateBox } from './box.ts'

export const minute = 60_000
export const plain = { ...filebase, delegates: [], created: 'utc-milliseconds' as const }
export const isPost = ({ method }: RecordedRequest) => method === 'POST'
export const refusal = (reason: string, details = '') => JSON.stringify({ error: { reason, details } })

/** A box whose node has so many pins that the service lacks. */
export async function boxWith(
  count: number,
  options: Parameters<typeof UpdateBox.start>[0] = {},
): Promise<{ box: UpdateBox; cids: readonly string[]; posts: () => RecordedRequest[] }> {
  const box = await UpdateBox.start({ manners: plain, ...options })
  const cids = new Cids(3).take(count)
  for (const cid of cids) box.node.pin(cid)
  return { box, cids, posts: () => box.service.requests.filter(isPost) }
}

/** What the report says of those with a result: they are made as they are read. */
export const told = (
  { filling: { update } }: Awaited<ReturnType<UpdateBox['update']>>,
  result: 'pinned' | 'failed' | 'pending' | 'unsent',
) => [...(update?.[result] ?? [])]

export const sizes = ({ filling: { update } }: Awaited<ReturnType<UpdateBox['update']>>) => ({
  pinned: update?.pinned.length,
  failed: update?.failed.length,
  pending: update?.pending.length,
  unsent: update?.unsent.length,
})
